import type { JsonObject } from "./json.ts"

/** The parameters of a function that stands for a tool with free text as its input. */
export const oneText: JsonObject = { type: "object", properties: { input: { type: "string" } }, required: ["input"] }

/** The instruction that stands in for an answer format which a wire or model does not enforce. */
export const instruction = (schema: JsonObject | undefined): string =>
  schema === undefined
    ? "Answer with one valid JSON object and nothing else: no explanation and no code fence."
    : `Answer with one JSON document that satisfies this JSON Schema and nothing else: no explanation and no code fence.\n${JSON.stringify(schema)}`
