/** How a file is packed; a database that is read counts as packed. */
export type Packing = "gzip" | "zstd" | "zip" | "opencode"

const startsWith = (bytes: Uint8Array, ...magic: ReadonlyArray<number>) => magic.every((byte, at) => bytes[at] === byte)

const sqlite = Buffer.from("SQLite format 3\0", "latin1")

/** How a file is packed, by its first bytes; `undefined` where it is not. */
export const packingOf = (head: Uint8Array): Packing | undefined =>
  startsWith(head, 0x1f, 0x8b)
    ? "gzip"
    : startsWith(head, 0x28, 0xb5, 0x2f, 0xfd)
      ? "zstd"
      : startsWith(head, 0x50, 0x4b, 0x03, 0x04) || startsWith(head, 0x50, 0x4b, 0x05, 0x06)
        ? "zip"
        : startsWith(head, ...sqlite) && programOf(head) === "opencode"
          ? "opencode"
          : undefined

/** What a file is that holds no records which are read: its name with the article, and the mend. */
export interface Foreign {
  readonly name: string
  readonly mend: string
}

const unreadYet = "That is not read yet: export its calls as JSON lines."
const nothingToRead = "Give an export in JSON or JSON lines, packed with gzip, zstd or ZIP or not."

/** By the first characters of a file. */
const foreign: ReadonlyArray<readonly [start: RegExp, name: string, mend: string]> = [
  [/^PAR1/, "a Parquet file", unreadYet],
  [/^(\u00ff\u00fe|\u00fe\u00ff)/, "UTF-16 text", "Save it as UTF-8."],
  [/^[{[\s]\0[^\0]\0/, "UTF-16 text", "Save it as UTF-8."],
  [
    /^(data|event|id|retry): ?\S|^: ?\S/,
    "a raw stream of server-sent events: an answer without its request",
    "Give request and answer together: a HAR, a cassette, or rows of {request, response} with the stream as the response."
  ],
  [/^\s*<[!?a-z]/i, "HTML or XML", nothingToRead]
]

/** Databases by tables that only they have: the statements that made them stand in the first pages. */
const databases: ReadonlyArray<readonly [program: string, ...tables: ReadonlyArray<string>]> = [
  ["Cursor", "cursorDiskKV"],
  ["opencode", "message", "part", "session"],
  ["goose", "sessions", "model_config_json"],
  ["Bifrost", "logs", "input_history"],
  ["promptfoo", "evals", "eval_results"],
  ["MLflow", "experiments", "trace_info"],
  ["the llm command", "conversations", "responses", "prompt_json"]
]

/** Whether the SQL of a database names a table, or a column. */
const names = (sql: string, name: string) => new RegExp(`["'\`\\s(,]${name}["'\`\\s(,]`, "i").test(sql)

/** The program whose SQLite database begins so. */
const programOf = (head: Uint8Array): string | undefined => {
  const sql = [
    ...Buffer.from(head)
      .toString("latin1")
      .matchAll(/CREATE TABLE [^\0]*/gi)
  ]
    .map(([text]) => text)
    .join("\n")
  return databases.find(([, ...words]) => words.every((word) => names(sql, word)))?.[0]
}

const database = (head: Uint8Array): Foreign => {
  const program = programOf(head)
  if (program === "opencode")
    return { name: "the SQLite database of opencode inside a packed file", mend: "Unpack it, and import it as it is." }
  return program === undefined
    ? { name: "a SQLite database (Cursor, opencode, goose and others keep one)", mend: unreadYet }
    : {
        name: `the SQLite database of ${program}, which is not read yet`,
        mend: "Export its sessions as JSON, if it can."
      }
}

/** What a file is that can be no JSON, by its first bytes (64 KB are enough); `undefined` for what may be. */
export const foreignKind = (head: Uint8Array): Foreign | undefined => {
  const start = Buffer.from(head.subarray(0, 64)).toString("latin1")
  if (startsWith(head, ...sqlite)) return database(head)
  const packing = packingOf(head)
  if (packing !== undefined)
    return { name: `a ${packing} file inside a packed file`, mend: "Unpack the outer one, and import what is in it." }
  const known = foreign.find(([pattern]) => pattern.test(start))
  if (known !== undefined) return { name: known[1], mend: known[2] }
  // A log may hold zero bytes where a machine stopped: its lines are looked at one by one.
  const mayBeText = /^(?:\u00ef\u00bb\u00bf)?\s*[[{]/.test(start)
  return !mayBeText && head.subarray(0, 4096).includes(0) ? { name: "a binary file", mend: nothingToRead } : undefined
}
