import type { JsonObject } from "../../json.ts"
import { numberIn, objectIn, textIn } from "../../json.ts"

/** What the model made in one call: a message of opencode's holds several, with what its tools gave back between them. */
export interface Step {
  readonly parts: ReadonlyArray<JsonObject>
  /** The part that closes it, with its counts and its cost. */
  readonly finish: JsonObject | undefined
  /** Attempts of it that failed before. */
  readonly retries: number
}

const made = new Set(["text", "reasoning", "tool", "file"])

/** The steps of an assistant's message: told apart by their marks, and where it has none by what follows a tool's result. */
export const stepsIn = (parts: ReadonlyArray<JsonObject>): ReadonlyArray<Step> => {
  const steps: Array<Step> = []
  const marked = parts.some(({ type }) => type === "step-start" || type === "step-finish")
  let open: Array<JsonObject> = []
  let retries = 0
  const close = (finish?: JsonObject) => {
    if (open.length > 0 || finish !== undefined) steps.push({ parts: open, finish, retries })
    open = []
    retries = 0
  }
  for (const part of parts) {
    const type = textIn(part["type"])
    if (type === "step-start") close()
    else if (type === "step-finish") close(part)
    else if (type === "retry") retries += 1
    else if (made.has(type ?? "")) {
      if (!marked && type !== "tool" && open.some((one) => one["type"] === "tool")) close()
      open.push(part)
    }
  }
  close()
  return steps
}

const timeIn = (holder: JsonObject | undefined, name: string) => numberIn(objectIn(holder?.["time"])?.[name])

const latest = (times: ReadonlyArray<number | undefined>): number | undefined => {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

/** When the tools of a step had run: milliseconds since 1970. */
export const toolsEnded = (step: Step | undefined): number | undefined =>
  latest((step?.parts ?? []).map((part) => timeIn(objectIn(part["state"]), "end") ?? timeIn(part, "end")))

/** When the model had made all of a step. */
export const answerEnded = (step: Step): number | undefined =>
  latest(
    step.parts.map((part) => (part["type"] === "tool" ? timeIn(objectIn(part["state"]), "start") : timeIn(part, "end")))
  )
