import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import { Archives } from "../../store/Archives.ts"
import { Home } from "../../store/Home.ts"
import { temporaryFolder } from "../../testing/folder.ts"
import { plantedSecrets } from "../../testing/secrets.ts"
import { importPaths } from "../import.ts"

const token = plantedSecrets.find(({ kind }) => kind === "github-token")!.secret

/** A row of a home-made log with a text wherever a log has one. */
const rowWith = (id: string, text: string) => ({
  id,
  created_at: "2026-05-01T10:00:00Z",
  session_id: `session ${text}`,
  user: `user ${text}`,
  metadata: { note: text, [`key ${text}`]: "x", headers: { Authorization: text }, deep: { deeper: [text] } },
  labels: { reason: text },
  request: {
    model: "gpt-4o",
    messages: [
      { role: "system", content: `Be brief. ${text}` },
      { role: "user", content: [{ type: "text", text: `Use ${text}` }] },
      {
        role: "assistant",
        content: null,
        tool_calls: [
          {
            id: "t1",
            type: "function",
            function: { name: "run", arguments: JSON.stringify({ command: `x\n${text}` }) }
          }
        ]
      },
      {
        role: "tool",
        tool_call_id: "t1",
        content: JSON.stringify({ output: JSON.stringify({ lines: `a\n${text}\nb` }) })
      },
      { role: "user", content: "Go on." }
    ],
    tools: [
      {
        type: "function",
        function: {
          name: "run",
          description: `Runs it with ${text}`,
          parameters: { type: "object", properties: { command: { type: "string", description: text, default: text } } }
        }
      }
    ],
    stop: [text.slice(0, 200)],
    metadata: { ticket: text },
    unheard_of: { a: [text] }
  },
  response: {
    id: `r-${id}`,
    object: "chat.completion",
    model: "gpt-4o",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: `Here: ${text}` } }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
  }
})

const failedRow = (id: string, text: string) => ({
  id,
  request: { model: "gpt-4o", messages: [{ role: "user", content: `question ${id}` }] },
  error: { type: "auth", message: `Incorrect API key provided: ${text}` },
  status_code: 401
})

const filesBelow = async (folder: string): Promise<ReadonlyArray<string>> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

/** What of the secrets stands in a text: their lines and their ends. */
const leaksIn = (text: string): ReadonlyArray<string> =>
  plantedSecrets.flatMap(({ kind, secret }) =>
    [...secret.split("\n"), secret.slice(-8)].some((piece) => piece.length >= 8 && text.includes(piece)) ? [kind] : []
  )

const importedRows = Effect.fnUntraced(function* (rows: ReadonlyArray<object>, keepSecrets: boolean) {
  const folder = yield* temporaryFolder
  const file = join(folder, "log.jsonl")
  yield* Effect.promise(() => writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join("")))
  return yield* Effect.gen(function* () {
    const { secrets } = yield* importPaths({ paths: [file], name: "rows", format: "pair", dryRun: false, keepSecrets })
    const archives = yield* Archives
    const { load } = yield* archives.reader("rows")
    const calls = yield* Effect.forEach(yield* archives.rows("rows"), ({ id }) => load(id))
    return { secrets, calls }
  }).pipe(Effect.provide(Archives.layer.pipe(Layer.provide(Home.layer(join(folder, "home"))))))
})

const importedFrom = Effect.fnUntraced(function* (name: string) {
  const folder = yield* temporaryFolder
  const home = join(folder, "home")
  const exports = join(folder, "exports")
  yield* Effect.promise(async () => {
    await mkdir(exports)
    const rows = plantedSecrets.flatMap(({ kind, text }, at) => [
      JSON.stringify(rowWith(`${kind}-${at}`, text)),
      JSON.stringify(failedRow(`${kind}-${at}-failed`, text)),
      `{"id": "${kind}-${at}-torn", "request": {"messages": [{"content": ${JSON.stringify(text).slice(0, -1)}`
    ])
    await writeFile(join(exports, name), `${rows.join("\n")}\n`)
  })
  const layer = Archives.layer.pipe(Layer.provide(Home.layer(home)))
  const result = yield* Effect.provide(
    importPaths({ paths: [exports], name: "canary", format: "auto", dryRun: false }),
    layer
  )
  return { home, layer, result }
})

/** Every leak of a home: the file it is in and the kind of secret. */
const leaksBelow = (home: string) =>
  Effect.promise(async () => {
    const leaks: Array<string> = []
    for (const file of await filesBelow(home))
      leaks.push(
        ...leaksIn(`${file} ${await readFile(file, "latin1")}`).map((kind) => `${file.slice(home.length)}: ${kind}`)
      )
    return leaks
  })

describe("secrets in an export", () => {
  it.effect(
    "are in no file of the home after it was imported, and not in what the import says",
    () =>
      Effect.gen(function* () {
        const { home, result } = yield* importedFrom("log.jsonl")
        assert.strictEqual(result.imported, plantedSecrets.length * 2)
        assert.lengthOf(result.skipped, plantedSecrets.length)
        assert.isAbove((yield* Effect.promise(() => filesBelow(home))).length, 3)
        assert.deepStrictEqual(yield* leaksBelow(home), [])
        assert.deepStrictEqual(leaksIn(JSON.stringify(result)), [])
        for (const { kind } of plantedSecrets) assert.isAtLeast(result.secrets[kind] ?? 0, 1, kind)
      }).pipe(Effect.scoped),
    60_000
  )

  it.effect(
    "are in no row of its index, which is packed, and in no call that is read back",
    () =>
      Effect.gen(function* () {
        const { layer } = yield* importedFrom("log.jsonl")
        yield* Effect.gen(function* () {
          const archives = yield* Archives
          const tables = yield* archives.query("canary", "SELECT table_name AS name FROM duckdb_tables()")
          assert.isAbove(tables.length, 2)
          for (const { name } of tables) {
            const rows = yield* archives.query("canary", `SELECT CAST(t AS VARCHAR) AS row FROM "${String(name)}" t`)
            for (const { row } of rows)
              assert.deepStrictEqual(leaksIn(String(row)), [], `${name}: ${String(row).slice(0, 500)}`)
          }
          const { load } = yield* archives.reader("canary")
          let notes = 0
          for (const { id } of yield* archives.rows("canary")) {
            const call = yield* load(id)
            assert.deepStrictEqual(leaksIn(JSON.stringify(call)), [])
            if (
              (call.provenance.secretsRemoved ?? 0) > 0 &&
              call.fidelity.notes.some((note) => /placeholder/.test(note))
            )
              notes += 1
          }
          assert.isAtLeast(notes, plantedSecrets.length)
        }).pipe(Effect.provide(layer))
      }).pipe(Effect.scoped),
    60_000
  )

  it.effect(
    "are nowhere either when the name of a file holds one",
    () =>
      Effect.gen(function* () {
        const { home, result } = yield* importedFrom(`log-${token}.jsonl`)
        assert.deepStrictEqual(yield* leaksBelow(home), [])
        assert.deepStrictEqual(leaksIn(JSON.stringify(result)), [])
      }).pipe(Effect.scoped),
    60_000
  )

  it.effect(
    "are counted in labels and errors as everywhere else, and stay there when they are to be kept",
    () =>
      Effect.gen(function* () {
        const row = { ...failedRow("a", token), metadata: { note: `see ${token}` } }
        const { calls, secrets } = yield* importedRows([row], false)
        assert.deepStrictEqual(secrets, { "github-token": 1 })
        assert.match(String(calls[0]?.labels["note"]), /^see \[secret:github-token:[0-9a-f]{8}\]$/)
        assert.match(String(calls[0]?.response.error?.message), /: \[secret:github-token:[0-9a-f]{8}\]$/)
        const kept = yield* importedRows([row], true)
        assert.deepStrictEqual(kept.secrets, {})
        assert.strictEqual(kept.calls[0]?.labels["note"], `see ${token}`)
        assert.include(kept.calls[0]?.response.error?.message, token)
      }).pipe(Effect.scoped),
    60_000
  )
})
