import { randomBytes } from "node:crypto"
import { open } from "node:fs/promises"
import { dirname } from "node:path"

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import type { Answer } from "../domain/Answer.ts"
import { digestOf } from "../domain/digest.ts"
import type { Fault } from "../domain/Fault.ts"
import type { Said } from "../domain/Trials.ts"
import { onDisk, syncFolder } from "./disk.ts"
import { Home } from "./Home.ts"
import { prepareHome } from "./layout.ts"
import { brokenLine, parseLine, scanLines } from "./lines.ts"
import { lineOf } from "./segment.ts"

/** What a person said of a pair of answers, as a line: no content. */
export interface LabelRow {
  readonly v: 1
  /** See {@link pairKey}. */
  readonly pair: string
  /** Which answer is better. */
  readonly said: Said
  /** ISO 8601. */
  readonly at: string
}

const substance = ({ text, toolCalls }: Answer) => ({
  text,
  calls: toolCalls.map(({ arguments: given, name }) => ({ name, given }))
})

/** What a label is kept under: a digest of the case, the original answer and the output. A later run with the same answers finds it. */
export const pairKey = (caseId: string, original: Answer, output: Answer): string =>
  digestOf({ case: caseId, original: substance(original), output: substance(output) }).slice(0, 32)

const isSaid = (value: unknown): value is Said => value === "output" || value === "original" || value === "tie"

/** People's labels, of all runs of a home: `labels.jsonl`. */
export class Labels extends Context.Service<
  Labels,
  {
    /** Every pair's label; of several the last. */
    readonly all: Effect.Effect<ReadonlyMap<string, Said>, Fault>
    /** Keeps labels, all or none of those given. Durable when it returns. */
    add(rows: ReadonlyArray<Omit<LabelRow, "v">>): Effect.Effect<void, Fault>
    /** A random text of this home, made when it is first asked for: what hides which answer of a pair is whose. */
    readonly secret: Effect.Effect<string, Fault>
  }
>()("@understudy/harness/store/Labels") {
  static readonly layer: Layer.Layer<Labels, never, Home> = Layer.effect(
    Labels,
    Effect.gen(function* () {
      const home = yield* Home
      const file = home.path("labels.jsonl")
      const append = async (text: string, from: number) => {
        const handle = await open(file, "a")
        try {
          await handle.truncate(from) // a line that was torn when a process was killed
          await handle.appendFile(text)
          await handle.datasync()
        } finally {
          await handle.close()
        }
        if (from === 0) await syncFolder(dirname(file))
      }
      return Labels.of({
        all: Effect.gen(function* () {
          const labels = new Map<string, Said>()
          yield* scanLines(file, (line) => {
            const row = parseLine(file, line)
            const { pair, said }: { pair?: unknown; said?: unknown } =
              typeof row === "object" && row !== null ? row : {}
            if (typeof pair !== "string" || !isSaid(said)) throw brokenLine(file, line.line)
            labels.set(pair, said)
          })
          return labels
        }),
        secret: Effect.gen(function* () {
          yield* prepareHome(home.root)
          const key = home.path("labels.key")
          return yield* onDisk(key, async () => {
            const handle = await open(key, "a+", 0o600)
            try {
              const known = (await handle.readFile("utf8")).trim()
              if (known !== "") return known
              const made = randomBytes(16).toString("hex")
              await handle.appendFile(`${made}\n`)
              await handle.datasync()
              return made
            } finally {
              await handle.close()
            }
          })
        }),
        add: Effect.fnUntraced(function* (rows) {
          if (rows.length === 0) return
          yield* prepareHome(home.root)
          const { bytes } = yield* scanLines(file, () => undefined)
          const text = rows.map((row) => `${lineOf({ v: 1, ...row }, { readable: true })}\n`).join("")
          yield* onDisk(file, () => append(text, bytes))
        })
      })
    })
  )
}
