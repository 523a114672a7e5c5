import type { JsonObject } from "../../json.ts"
import { objectIn, textIn } from "../../json.ts"

/** What the files of a task's folder hold. */
export type Kind = "history" | "notices" | "metadata" | "edits" | "item"

const kinds: Readonly<Record<string, Kind>> = {
  "api_conversation_history.json": "history",
  "ui_messages.json": "notices",
  "task_metadata.json": "metadata",
  "context_history.json": "edits",
  "history_item.json": "item"
}

const parts = (file: string) => file.split(/[\\/]/)

/** What a file holds, by its name; `undefined` for others. */
export const kindOf = (file: string): Kind | undefined => {
  const name = (parts(file).at(-1) ?? "").replace(/\.(?:gz|gzip|zst|zstd)$/i, "")
  return Object.hasOwn(kinds, name) ? kinds[name] : undefined
}

/** The folder of a task, and its name, which is the task's id. */
export const taskOf = (file: string): { readonly folder: string; readonly id: string } => {
  const above = parts(file).slice(0, -1)
  return { folder: above.join("/"), id: above.at(-1) || "task" }
}

/** Which program of the family keeps its tasks there: its extension's id is part of the path. */
export const programOf = (file: string): string =>
  /[\\/]rooveterinaryinc\.|[\\/]\.?roo[-\w]*[\\/]/i.test(file)
    ? "roo-code"
    : /[\\/]kilocode\.|[\\/]\.?kilo[-\w]*[\\/]/i.test(file)
      ? "kilo-code"
      : "cline"

/** A change of what was said before, made when it was sent again: Cline shortens what it would repeat. */
export interface Edit {
  readonly message: number
  readonly block: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly text: string
}

const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** The changes in a `context_history.json`: `[[message, [kind, [[block, [[time, "text", [text]]]]]]]]`. */
export const editsIn = (value: unknown): ReadonlyArray<Edit> =>
  list(value).flatMap((entry) => {
    const [message, change] = list(entry)
    return list(list(change)[1]).flatMap((inner) => {
      const [block, updates] = list(inner)
      return list(updates).flatMap((update) => {
        const [at, kind, words] = list(update)
        const [text] = list(words)
        return typeof message === "number" &&
          typeof block === "number" &&
          typeof at === "number" &&
          kind === "text" &&
          typeof text === "string"
          ? [{ message, block, at, text }]
          : []
      })
    })
  })

const withText = (block: unknown, text: string): unknown => {
  const object = objectIn(block)
  if (object?.["type"] === "text") return { ...object, text }
  const content = object?.["type"] === "tool_result" ? list(object["content"]) : []
  const [first, ...rest] = content
  return objectIn(first)?.["type"] === "text" ? { ...object, content: [{ ...objectIn(first), text }, ...rest] } : block
}

/** A message as it was sent when these changes were in force; of several to one block the last counts. */
export const edited = (message: JsonObject, edits: ReadonlyArray<Edit>): JsonObject =>
  Array.isArray(message["content"]) && edits.length > 0
    ? {
        ...message,
        content: message["content"].map((block, at) => {
          const last = edits.findLast((edit) => edit.block === at)
          return last === undefined ? block : withText(block, last.text)
        })
      }
    : message

/** What the program tells the model of its surroundings, in a user's message. */
export const surroundingsIn = (message: JsonObject): { readonly cwd?: string; readonly model?: string } => {
  const blocks = typeof message["content"] === "string" ? [message["content"]] : list(message["content"])
  const told = blocks
    .map((block) => textIn(objectIn(block)?.["text"]) ?? textIn(block) ?? "")
    .findLast((text) => text.includes("<environment_details>"))
  if (told === undefined) return {}
  const details = told.slice(told.lastIndexOf("<environment_details>"))
  const cwd = /^# Current (?:Working|Workspace) Directory \(([^\n)]+)\)/m.exec(details)?.[1]
  const model = /^<model>([^<\n]{1,200})<\/model>$/m.exec(details)?.[1]
  return { ...(cwd === undefined ? {} : { cwd }), ...(model === undefined ? {} : { model }) }
}
