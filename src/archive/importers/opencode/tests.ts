import type { Signal } from "../../../domain/Call.ts"
import { numberIn, objectIn, textIn } from "../../json.ts"
import { testSignal } from "../../testCommands.ts"
import { momentOf } from "../../times.ts"
import type { Step } from "./steps.ts"

/** What shell commands of a step say of tests that were run. */
export const testsOf = (step: Step): ReadonlyArray<Signal> =>
  step.parts.flatMap((part) => {
    const state = objectIn(part["state"])
    if (part["type"] !== "tool" || part["tool"] !== "bash" || state?.["status"] !== "completed") return []
    const command = textIn(objectIn(state["input"])?.["command"])
    const exitCode = numberIn(objectIn(state["metadata"])?.["exit"])
    if (command === undefined || exitCode === undefined) return []
    const signal = testSignal({
      command,
      exitCode,
      output: (textIn(state["output"]) ?? "").slice(0, 2000),
      at: momentOf(objectIn(state["time"])?.["end"])?.iso
    })
    return signal === undefined ? [] : [signal]
  })
