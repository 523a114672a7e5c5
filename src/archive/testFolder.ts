import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { crc32, deflateRawSync, zstdCompressSync } from "node:zlib"

import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import type { Fault } from "../domain/Fault.ts"
import { Archives } from "../store/Archives.ts"
import { Home } from "../store/Home.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { type ImportOptions, importPaths } from "./import.ts"

/** Options of an import that a test says; the others are those of the command without flags. */
export type How = Partial<Omit<ImportOptions, "paths">>

/** A folder of exports with a home beside it, in a test. */
export const folderTools = (folder: string) => {
  const at = (path: string) => join(folder, "exports", path)
  const options = (paths: string | ReadonlyArray<string>, how: How = {}): ImportOptions => ({
    paths: (typeof paths === "string" ? [paths] : paths).map(at),
    name: "test",
    format: "auto",
    dryRun: false,
    ...how
  })
  const run = (paths: string | ReadonlyArray<string>, how?: How) => importPaths(options(paths, how))
  return {
    home: join(folder, "home"),
    at,
    options,
    /** Puts a file into the folder of exports. */
    write: (path: string, content: string | Uint8Array) =>
      Effect.promise(async () => {
        await mkdir(join(at(path), ".."), { recursive: true })
        await writeFile(at(path), content)
      }),
    /** Imports paths of that folder into the archive `test`. */
    run,
    /** The fault that an import ends with. */
    fault: (paths: string | ReadonlyArray<string>, how?: How): Effect.Effect<Fault, unknown, Archives> =>
      Effect.flip(run(paths, how))
  }
}

/** Runs a test beside a home of its own. */
export const inFolder = <A, E>(test: (tools: ReturnType<typeof folderTools>) => Effect.Effect<A, E, Archives>) =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const layer = Archives.layer.pipe(Layer.provide(Home.layer(join(folder, "home"))))
    return yield* Effect.provide(test(folderTools(folder)), layer)
  }).pipe(Effect.scoped)

/** A row of LiteLLM's log, as it writes it. */
export const row = (id: string, more: object = {}) => ({
  id,
  call_type: "acompletion",
  status: "success",
  custom_llm_provider: "openai",
  response_cost: 0.00022500000000000002,
  startTime: 1785578400.28,
  endTime: 1785578402.07,
  model: "gpt-4o",
  metadata: { item_id: id },
  messages: [{ role: "user", content: `question ${id}` }],
  response: {
    id,
    object: "chat.completion",
    model: "gpt-4o-2024-08-06",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello" } }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
  },
  model_parameters: {},
  ...more
})

/** Values as JSON lines. */
export const lines = (...values: ReadonlyArray<unknown>): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join("")

/** The calls of the archive `test`. */
export const rows = Effect.gen(function* () {
  return yield* (yield* Archives).rows("test")
})

const packers = { 0: (bytes: Buffer) => bytes, 8: deflateRawSync, 93: zstdCompressSync } as const

/** A ZIP of texts, each stored (0), deflated (8) or packed with zstd (93). `claimed`: what its directory says of a size that is another. */
export const zipOf = (
  members: ReadonlyArray<{
    readonly name: string
    readonly content: string | Buffer
    readonly method?: keyof typeof packers
    readonly claimed?: number
  }>
): Buffer => {
  const parts: Array<Buffer> = []
  const directory: Array<Buffer> = []
  let offset = 0
  for (const { claimed, content, method = 8, name } of members) {
    const bytes = Buffer.from(content)
    const packed = packers[method](bytes)
    const path = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(claimed ?? bytes.length, 18)
    common.writeUInt16LE(path.length, 22)
    parts.push(Buffer.from("PK\u0003\u0004", "latin1"), common, path, packed)
    const entry = Buffer.alloc(14)
    entry.writeUInt32LE(offset, 10)
    directory.push(Buffer.from("PK\u0001\u0002\u0014\u0000", "latin1"), common, entry, path)
    offset += 30 + path.length + packed.length
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0)
  const end = Buffer.alloc(22)
  end.write("PK\u0005\u0006", "latin1")
  end.writeUInt16LE(members.length, 8)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, ...directory, end])
}
