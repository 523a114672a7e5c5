import type { ArchiveSummary } from "../archive/summary.ts"
import { readJson } from "../checks/json.ts"
import type { Answer } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"
import type { SuiteInput } from "../suite/define.ts"

/** The providers that need no entry in a config. */
export const vendors = ["openai", "anthropic", "ollama"] as const
export type Vendor = (typeof vendors)[number]

/** A vendor by its own name or by the beginning of a model's; `undefined`: the name does not tell. */
export const vendorOf = (model: string, provider: string | null = null): Vendor | undefined => {
  const named = vendors.find((vendor) => vendor === provider)
  if (named !== undefined) return named
  if (/^(gpt-|chatgpt-|o\d)/.test(model)) return "openai"
  return model.startsWith("claude-") ? "anthropic" : undefined
}

/** Most of an archive's calls, from this share on. */
const most = 0.9
/** More values than this are no task types. */
const handful = 20
const taskNames =
  /^(task|slice|type|kind|use_?case|category|intent|feature|route|template|prompt(_?(name|id|template))?|task_?(type|name|kind)|endpoint|job|skill)$/i

/** Labels that most calls carry and that have a handful of values, those that sound like a task first. */
export const sliceLabels = ({ calls, labels }: Pick<ArchiveSummary, "calls" | "labels">): ReadonlyArray<string> => {
  const fit = labels.filter((label) => label.values >= 2 && label.values <= handful && label.calls >= most * calls)
  const sounds = fit.filter(({ name }) => taskNames.test(name))
  return [...sounds, ...fit.filter((label) => !sounds.includes(label))].map(({ name }) => name)
}

/** The label that names the task type, where one sounds like it. */
export const likelySlice = (labels: ReadonlyArray<string>): string | undefined =>
  labels.find((name) => taskNames.test(name))

/** What the task types of a first suite are told by: a label of the calls, or the templates of their prompts, with the slices that these make. */
export type SliceChoice =
  | { readonly by: "label"; readonly name: string }
  | { readonly by: "template"; readonly names: ReadonlyArray<string> }

/** Of a sample of archived answers: how many call tools, how many are JSON, how many are short texts; and whether a request asks for a JSON Schema. */
export interface Shape {
  readonly calls: number
  readonly tools: number
  readonly json: number
  readonly short: number
  readonly schema: boolean
}

const isShort = (text: string) => text.trim().length <= 40 && !text.trim().includes("\n")

/** What a sample of archived calls is like. */
export const shapeOf = (sample: ReadonlyArray<{ readonly request: CallRequest; readonly answer: Answer }>): Shape => {
  const share = (fits: (answer: Answer) => boolean) => sample.filter(({ answer }) => fits(answer)).length
  const isJson = ({ text, toolCalls }: Answer) => {
    const read = toolCalls.length === 0 ? readJson(text) : undefined
    return read?._tag === "Success" && typeof read.success === "object" && read.success !== null
  }
  return {
    calls: sample.length,
    tools: share(({ toolCalls }) => toolCalls.length > 0),
    json: share(isJson),
    short: share(({ text, toolCalls }) => toolCalls.length === 0 && isShort(text)),
    schema: sample.some(({ request }) => request.responseFormat?.type === "json_schema")
  }
}

type BuiltIn = "toolCalls" | "jsonEqual" | "exact" | "textSimilarity"

/** Graders that can tell of nearly every answer of this shape: more than two in a hundred ungraded decide nothing. */
export const gradersFor = ({ calls, json, short, tools }: Shape): readonly [BuiltIn, ...ReadonlyArray<BuiltIn>] => {
  const nearly = (count: number) => count >= 0.99 * calls
  if (calls === 0) return ["textSimilarity"]
  if (nearly(tools)) return ["toolCalls"]
  if (tools > 0) return ["toolCalls", "textSimilarity"]
  if (nearly(json)) return ["jsonEqual"]
  return nearly(short) ? ["exact"] : ["textSimilarity"]
}

/** What a first suite says. */
export interface Choices {
  readonly name: string
  readonly archive: ArchiveSummary
  readonly incumbent: SuiteInput["incumbent"]
  readonly slice: SliceChoice | undefined
  readonly otherLabels: ReadonlyArray<string>
  readonly shape: Shape
  readonly provider: Vendor
  readonly models: readonly [string, ...ReadonlyArray<string>]
}

/** A text of the archive as a literal: it ends neither the literal nor a comment that it stands in. */
const quoted = (text: string) =>
  JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`
  )

const day = (time: string | null) => time?.slice(0, 10)

const casesText = ({ archive, otherLabels, slice }: Choices): ReadonlyArray<string> => {
  const others = otherLabels.filter((name) => slice?.by !== "label" || name !== slice.name).slice(0, 8)
  const also = others.length === 0 ? "" : ` Other labels: ${others.map(quoted).join(", ")}.`
  const sliced =
    slice === undefined
      ? [`    // Task types, by a label of the calls: slice: "label:NAME". Left out: all calls are one.${also}`]
      : slice.by === "label"
        ? [`    // Task types, by a label of the calls.${also}`, `    slice: ${quoted(`label:${slice.name}`)},`]
        : [
            `    // Task types, by the templates of the prompts: ${slice.names.slice(0, 8).map(quoted).join(", ")}${slice.names.length > 8 ? ", …" : ""}.`,
            `    // slices.json in the archive's folder names them, and may be edited. By a label: slice: "label:NAME".${also}`,
            '    slice: "template",'
          ]
  return [
    "  // Which archived calls are replayed: where, sample and references narrow them.",
    "  cases: {",
    ...sliced,
    archive.sessions.count > 0
      ? "    // The calls of a session are not independent of each other."
      : "    // The archive has no sessions: where it has trajectories they are taken, else each call stands alone.",
    '    cluster: "session"',
    "  },"
  ]
}

const incumbentText = ({ incumbent }: Choices): ReadonlyArray<string> =>
  incumbent === undefined
    ? ["  // incumbent: left out, it is the archive's commonest model."]
    : [
        "  // Who answered most of the archive's calls.",
        `  incumbent: { provider: ${quoted(incumbent.provider)}, model: ${quoted(incumbent.model)} },`
      ]

const mixed = ({ calls, json, tools }: Shape) =>
  tools + json > 0 && tools < calls && json < calls
    ? [
        `  // Of ${calls} answers looked at, ${tools} call tools and ${json} are JSON: a grader of your own can judge each by its kind, as`,
        "  // node_modules/@understudy/harness/suites/graders/sameWork.ts does."
      ]
    : []

/** The text of a suite's file. */
export const suiteText = (choices: Choices): string => {
  const { archive, models, name, provider, shape } = choices
  const from = day(archive.from)
  const span = from === undefined ? "" : `, ${from} to ${day(archive.to)}`
  const repairs = shape.schema ? ", repairs: [0, 2]" : ""
  return [
    'import { defineSuite } from "@understudy/harness"',
    "",
    `// Written by \`understudy init\` for the archive ${quoted(archive.name)}: ${archive.calls} calls${span}.`,
    "export default defineSuite({",
    `  name: ${quoted(name)},`,
    `  archive: { name: ${quoted(archive.name)} },`,
    ...casesText(choices),
    ...incumbentText(choices),
    '  // It is asked again, to see how far it agrees with its own archived answers. Where it can no longer be asked: "skip".',
    "  noiseFloor: { repeats: 1 },",
    "  // What may be tried: every combination of the values given.",
    `  setups: [{ provider: ${quoted(provider)}, models: [${models.map(quoted).join(", ")}]${repairs} }],`,
    ...(shape.schema
      ? [
          "  // What a repair round is made for: its failures go back to the model.",
          '  checks: [{ use: "jsonSchema" }],'
        ]
      : []),
    '  // How good an answer is, from 0 to 1. One of your own: { use: "./graders/mine.ts" }.',
    ...mixed(shape),
    `  graders: [${gradersFor(shape)
      .map((use) => `{ use: "${use}" }`)
      .join(", ")}],`,
    "  // How much worse still counts as no worse (0.05 is 5 points of 100), and the risk of being wrong about it.",
    "  parity: { margin: 0.05, alpha: 0.05 },",
    "  // Dollars that a run may spend at most.",
    "  budget: { usd: 20 }",
    "})",
    ""
  ].join("\n")
}

/** The text of a config's file. */
export const configText = `import { defineConfig } from "@understudy/harness"

// What the suites below this folder share; a suite wins over it. Keys stay in the environment.
export default defineConfig({
  // Other addresses than the vendors' own, under a name that setups then use:
  // providers: { gateway: { kind: "openai", baseURL: "http://127.0.0.1:8089/v1", apiKey: "env:GATEWAY_KEY" } },
  // Prices agreed with a vendor, US dollars per million tokens; they win over the public list:
  // prices: { openai: { "gpt-4o": { input: 2, output: 8 } } },
  // Dollars that a run may spend at most where its suite does not say.
  budget: { usd: 20 }
})
`
