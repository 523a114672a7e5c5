import type { Importer } from "./contract.ts"
import { batch } from "./importers/batch.ts"
import { bedrock } from "./importers/bedrock.ts"
import { claudeCode } from "./importers/claudeCode.ts"
import { claudeTrace } from "./importers/claudeTrace.ts"
import { cline } from "./importers/cline.ts"
import { codex } from "./importers/codex.ts"
import { geminiCli } from "./importers/geminiCli.ts"
import { har } from "./importers/har.ts"
import { helicone } from "./importers/helicone.ts"
import { inspect } from "./importers/inspect.ts"
import { langfuse } from "./importers/langfuse.ts"
import { langsmith } from "./importers/langsmith.ts"
import { litellm } from "./importers/litellm.ts"
import { opencode } from "./importers/opencode.ts"
import { openrouter } from "./importers/openrouter.ts"
import { otlp } from "./importers/otlp.ts"
import { pair } from "./importers/pair.ts"
import { portkey } from "./importers/portkey.ts"
import { promptfoo } from "./importers/promptfoo.ts"
import { rawBodies } from "./importers/rawBodies.ts"
import { sweAgent } from "./importers/sweAgent.ts"
import { tau2Bench } from "./importers/tau2Bench.ts"
import { tauBench } from "./importers/tauBench.ts"
import { tensorzero } from "./importers/tensorzero.ts"
import { understudy } from "./importers/understudy.ts"
import { vcr } from "./importers/vcr.ts"

/** All importers. One that reads a special shape stands before one that reads a general shape. */
export const importers: ReadonlyArray<Importer> = [
  understudy,
  inspect,
  tauBench,
  tau2Bench,
  promptfoo,
  sweAgent,
  geminiCli,
  cline,
  opencode,
  codex,
  claudeCode,
  rawBodies,
  har,
  vcr,
  claudeTrace,
  batch,
  langfuse,
  otlp,
  langsmith,
  tensorzero,
  helicone,
  portkey,
  bedrock,
  openrouter,
  litellm,
  pair
]

/** The choices of `--format`. */
export const formatChoices: ReadonlyArray<string> = ["auto", ...importers.map((importer) => importer.id)]
