import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"

import { assert, describe, it } from "@effect/vitest"

import { chunksOf, openFile } from "../bytes.ts"
import { opencode } from "../importers/opencode.ts"
import { makeLines } from "../lines.ts"
import { callsIn } from "../testReading.ts"

/** The tables as opencode's migrations make them, with what is read of them. */
const tables = `
  CREATE TABLE \`session\` (\`id\` text PRIMARY KEY, \`project_id\` text NOT NULL, \`parent_id\` text, \`slug\` text NOT NULL,
    \`directory\` text NOT NULL, \`title\` text NOT NULL, \`version\` text NOT NULL, \`time_created\` integer NOT NULL, \`time_updated\` integer NOT NULL);
  CREATE TABLE \`message\` (\`id\` text PRIMARY KEY, \`session_id\` text NOT NULL, \`time_created\` integer NOT NULL, \`time_updated\` integer NOT NULL,
    \`data\` text NOT NULL);
  CREATE TABLE \`part\` (\`id\` text PRIMARY KEY, \`message_id\` text NOT NULL, \`session_id\` text NOT NULL, \`time_created\` integer NOT NULL,
    \`time_updated\` integer NOT NULL, \`data\` text NOT NULL);
`

const t = 1_767_225_600_000
const fill = (database: DatabaseSync) => {
  database.exec(tables)
  database.exec(`INSERT INTO session VALUES ('ses_1', 'p', NULL, 's', '/home/ana/shop', 't', '1.3.0', ${t}, ${t})`)
  const message = database.prepare("INSERT INTO message VALUES (?, 'ses_1', ?, ?, ?)")
  const part = database.prepare("INSERT INTO part VALUES (?, ?, 'ses_1', ?, ?, ?)")
  message.run(
    "msg_2",
    t + 1,
    t + 1,
    JSON.stringify({ role: "assistant", providerID: "anthropic", modelID: "m", time: { created: t + 1 } })
  )
  message.run("msg_1", t, t, JSON.stringify({ role: "user", time: { created: t } }))
  part.run("prt_1", "msg_1", t, t, JSON.stringify({ type: "text", text: "Hi" }))
  part.run("prt_2", "msg_2", t, t, JSON.stringify({ type: "text", text: "Hello" }))
  part.run("prt_3", "msg_2", t, t, "no JSON")
}

const callsOf = async (file: string) => {
  const opened = await openFile(file)
  const lines = makeLines()
  const all = []
  for await (const chunk of chunksOf(opened)) all.push(...lines.push(chunk))
  all.push(...lines.end())
  const session = opencode.start({})
  const reader = session.open(file)
  return { packing: opened.packing, calls: callsIn([...all.flatMap((line) => reader.line(line)), ...session.end()]) }
}

const inFolder = async (run: (folder: string) => Promise<void>) => {
  const folder = mkdtempSync(join(tmpdir(), "opencode-database-"))
  try {
    await run(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe("opencode's database", () => {
  it("is read like its exports, and left as it is", () =>
    inFolder(async (folder) => {
      const file = join(folder, "opencode.db")
      const database = new DatabaseSync(file)
      fill(database)
      database.close()
      const { calls, packing } = await callsOf(file)
      assert.strictEqual(packing, "opencode")
      assert.strictEqual(calls.length, 1)
      assert.deepStrictEqual(calls[0]?.request.messages, [{ role: "user", blocks: [{ type: "text", text: "Hi" }] }])
      assert.deepStrictEqual(calls[0]?.response.blocks, [{ type: "text", text: "Hello" }])
      assert.strictEqual(calls[0]?.labels["project"], "shop")
      assert.strictEqual(calls[0]?.grouping.sessionId, "ses_1")
      assert.deepStrictEqual(readdirSync(folder), ["opencode.db"])
    }))

  it("is read while opencode writes it, with what has not been put into the file yet", () =>
    inFolder(async (folder) => {
      const file = join(folder, "opencode.db")
      const database = new DatabaseSync(file)
      database.exec("PRAGMA journal_mode = WAL")
      database.exec(tables)
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)")
      database.exec(`INSERT INTO session VALUES ('ses_1', 'p', NULL, 's', '/x', 't', '1', ${t}, ${t})`)
      database.exec(`INSERT INTO message VALUES ('msg_1', 'ses_1', ${t}, ${t}, '{"role":"assistant","modelID":"m"}')`)
      database.exec(`INSERT INTO part VALUES ('prt_1', 'msg_1', 'ses_1', ${t}, ${t}, '{"type":"text","text":"Hello"}')`)
      const { calls } = await callsOf(file)
      database.close()
      assert.strictEqual(calls.length, 1)
    }))
})
