import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import type { Answer } from "../domain/Answer.ts"
import { pathsOfDiff } from "./diff.ts"
import { safePath } from "./paths.ts"

/** Which arguments of a tool are what of a file. With `content` it writes the whole file; with `old` and `new` it replaces the one place where `old` stands. */
const ToolFile = Schema.Union([
  Schema.Struct({ path: Schema.NonEmptyString, content: Schema.NonEmptyString }),
  Schema.Struct({ path: Schema.NonEmptyString, old: Schema.NonEmptyString, new: Schema.NonEmptyString })
])

/** Where an answer's files are found. */
export const FileOptions = Schema.Struct({
  /** The file that the only block without a name of its own is, or the whole text where it has no block. */
  default: Schema.optionalKey(Schema.NonEmptyString),
  /** Tools that write files, by name. */
  tools: Schema.optionalKey(Schema.Record(Schema.String, ToolFile)),
  /** What the answer may not write, such as the tests that judge it: files, and folders with all in them. */
  keep: Schema.optionalKey(Schema.Array(Schema.NonEmptyString))
})
export type FileOptions = typeof FileOptions.Type

/** One thing that an answer does to files, in its order. Paths are relative to the working folder, and stay in it. */
export type Edit =
  | { readonly kind: "write"; readonly path: string; readonly content: string }
  | { readonly kind: "replace"; readonly path: string; readonly old: string; readonly with: string }
  | { readonly kind: "patch"; readonly diff: string }

interface Fence {
  readonly info: string
  readonly body: string
}

/** The fenced blocks of a text, with what stands behind the opening fence; a longer fence may hold shorter ones, an unclosed one ends with the text. */
export const fencesOf = (text: string): ReadonlyArray<Fence> => {
  const found: Array<Fence> = []
  let open: { readonly mark: string; readonly info: string; readonly lines: Array<string> } | undefined
  for (const line of text.split(/\r?\n/)) {
    const fence = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line)
    const [mark = "", rest = ""] = fence === null ? [] : [fence[1], fence[2]]
    if (open === undefined) {
      if (fence !== null && !(mark[0] === "`" && rest.includes("`"))) open = { mark, info: rest.trim(), lines: [] }
    } else if (fence !== null && mark[0] === open.mark[0] && mark.length >= open.mark.length && rest.trim() === "") {
      found.push({ info: open.info, body: open.lines.map((one) => `${one}\n`).join("") })
      open = undefined
    } else open.lines.push(line)
  }
  if (open !== undefined) found.push({ info: open.info, body: open.lines.map((one) => `${one}\n`).join("") })
  return found
}

/** ` ```js path=src/a.js `, ` ```js title="src/a.js" `, ` ```js src/a.js `, ` ```src/a.js `. */
const namedByInfo = (info: string): string | undefined => {
  const keyed = /(?:^|[\s{])(?:path|file|filename|title)=("[^"]+"|'[^']+'|\S+)/.exec(info)?.[1]
  if (keyed !== undefined) return keyed.replace(/^["']|["']$/g, "")
  const words = info.split(/\s+/)
  const word = words.find((one, i) => (i > 0 || one.includes("/")) && /^[\w@./-]+\.\w+$/.test(one))
  if (word !== undefined) return word
  return /^\w+:(\S+\.\w+)$/.exec(words[0] ?? "")?.[1]
}

/** `// file: src/a.js`, `# src/a.py`, `<!-- path: a.html -->` in the first line. */
const namedByLine = (body: string): string | undefined => {
  const [first = ""] = body.split("\n")
  const comment =
    /^\s*(?:\/\/|#|--|;|\/\*|<!--)\s*(?:(?:file|path|filename)\s*:\s*(\S+)|([\w@.-]*\/[\w@./-]+\.\w+))\s*(?:\*\/|-->)?\s*$/i
  const match = comment.exec(first)
  return match?.[1] ?? match?.[2]
}

const extensions: Readonly<Record<string, string>> = {
  javascript: "js",
  typescript: "ts",
  python: "py",
  ruby: "rb",
  rust: "rs",
  golang: "go",
  bash: "sh",
  shell: "sh"
}
const languageOf = (info: string) => {
  const [word = ""] = info.toLowerCase().split(/[\s{]/)
  return extensions[word] ?? word
}

const isDiff = ({ body, info }: Fence) =>
  /^(?:diff|patch)\b/i.test(info) || /^(?:diff --git |--- \S.*\n\+\+\+ \S)/.test(body)

const written = (path: string, content: string): Result.Result<Edit, string> =>
  Result.map(safePath(path), (safe) => ({ kind: "write", path: safe, content }))

const patchOf = (diff: string): Result.Result<Edit, string> =>
  Result.map(pathsOfDiff(diff), () => ({ kind: "patch", diff: diff.endsWith("\n") ? diff : `${diff}\n` }))

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const editOfCall = (name: string, args: unknown, tool: typeof ToolFile.Type): Result.Result<Edit, string> => {
  const textOf = (key: string): Result.Result<string, string> => {
    const value = isRecord(args) ? args[key] : undefined
    return typeof value === "string"
      ? Result.succeed(value)
      : Result.fail(`the call of ${name} has no text in "${key}"`)
  }
  const path = textOf(tool.path)
  if (Result.isFailure(path)) return Result.fail(path.failure)
  if ("content" in tool) return Result.flatMap(textOf(tool.content), (content) => written(path.success, content))
  const [old, next] = [textOf(tool.old), textOf(tool.new)]
  if (Result.isFailure(old)) return Result.fail(old.failure)
  if (Result.isFailure(next)) return Result.fail(next.failure)
  return Result.map(safePath(path.success), (safe) => ({
    kind: "replace",
    path: safe,
    old: old.success,
    with: next.success
  }))
}

const blocksOf = (text: string, options: FileOptions): ReadonlyArray<Result.Result<Edit, string>> => {
  const found: Array<Result.Result<Edit, string>> = []
  const nameless: Array<Fence> = []
  const fences = fencesOf(text)
  for (const fence of fences) {
    const path = namedByInfo(fence.info) ?? namedByLine(fence.body)
    if (isDiff(fence)) found.push(patchOf(fence.body))
    else if (path !== undefined) found.push(written(path, fence.body))
    else nameless.push(fence)
  }
  const standard = options.default
  if (fences.length === 0 && /^(?:diff --git |--- \S.*\n\+\+\+ \S)/m.test(text)) return [patchOf(text.trimStart())]
  if (standard === undefined || found.length > 0) return found
  if (fences.length === 0) return text.trim() === "" ? [] : [written(standard, text)]
  const extension = standard.split(".").at(-1)
  const fit = nameless.length === 1 ? nameless : nameless.filter(({ info }) => languageOf(info) === extension)
  const [only, ...more] = fit
  return only === undefined || more.length > 0
    ? [Result.fail(`it has ${nameless.length} blocks without a path, and one was expected (${standard})`)]
    : [written(standard, only.body)]
}

/**
 * What an answer does to files: fenced blocks that name their path, unified diffs, calls of writing tools; in its order, calls last. Fails with a
 * sentence where it does nothing, or reaches out of the folder. Nothing is touched.
 */
export const editsOf = (answer: Answer, options: FileOptions): Result.Result<ReadonlyArray<Edit>, string> => {
  const calls = answer.toolCalls.flatMap(({ arguments: args, name }) => {
    const tool = options.tools?.[name]
    return tool === undefined ? [] : [editOfCall(name, args, tool)]
  })
  const ofText = blocksOf(answer.text, calls.length > 0 ? {} : options)
  const edits: Array<Edit> = []
  for (const edit of [...ofText, ...calls]) {
    if (Result.isFailure(edit)) return Result.fail(edit.failure)
    edits.push(edit.success)
  }
  if (edits.length > 0) return Result.succeed(edits)
  const how = options.default === undefined ? ", each with its path behind the opening fence (```js path=src/a.js)" : ""
  return Result.fail(`it holds no files: put them into fenced blocks${how}`)
}
