/**
 * The public face for suites, configs and plug-ins: what is written with them is checked by the compiler while it is being
 * written, and by the command, with a sentence for each fault, when it is read.
 */
export type { Checked, CheckInput } from "./checks/contract.ts"
export type { OwnCheck } from "./checks/own.ts"
export type { Answer, ToolCall } from "./domain/Answer.ts"
export type { GradeInput } from "./graders/contract.ts"
export type { OwnGrader } from "./graders/own.ts"
export type { CallRow } from "./store/Archives.ts"
export type { ConfigInput, PriceInput, PricesInput, ProviderInput, SetupInput, SuiteInput } from "./suite/define.ts"
export { defineCheck, defineConfig, defineGrader, defineSuite } from "./suite/define.ts"
