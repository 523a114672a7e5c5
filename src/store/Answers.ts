import { randomBytes } from "node:crypto"
import { join } from "node:path"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import type { Fault } from "../domain/Fault.ts"
import type { AnswerRow } from "../domain/Output.ts"
import { answerLine, askedIn, keyOf } from "./answerLine.ts"
import { DigestTable, wordsIn } from "./digestTable.ts"
import { diskFault, namesIn, onDisk } from "./disk.ts"
import { Home } from "./Home.ts"
import { prepareHome } from "./layout.ts"
import { scanLines } from "./lines.ts"
import { LineReader, Places } from "./places.ts"
import { openSegment } from "./segment.ts"

/** The answer cache, shared by all runs of a home: JSON lines, one segment a process, keyed by digest. */
export class Answers extends Context.Service<
  Answers,
  {
    /** The answer kept under a key, or `undefined`. Read from disk; only keys and places are held in memory. */
    get(key: string): Effect.Effect<AnswerRow | undefined, Fault>
    has(key: string): boolean
    /** Whether an answer that was there at the start was bought for this setup and case (`askedFor` of `calls`): for who begins with what is missing. */
    wasAsked(asked: string): boolean
    /** Returns when the line is on disk (fsync in groups). A key that is there already is not written again. */
    put(row: AnswerRow): Effect.Effect<void, Fault>
  }
>()("@understudy/harness/store/Answers") {
  /**
   * Reads the keys of all segments once, then answers from them and from what this process puts. Several processes may work on one home
   * at a time, each in its own segment; what another puts after this one's start is seen at the next start (at worst, an answer that
   * both want in the same minutes is bought twice). Of two lines with one key the first counts, by the segment's name (its time), then by place.
   */
  static readonly layer: Layer.Layer<Answers, Fault, Home> = Layer.effect(
    Answers,
    Effect.gen(function* () {
      const home = yield* Home
      const folder = home.path("answers")
      const files: Array<string> = []
      const places = new Places()
      const askedBefore = new DigestTable()
      const names = yield* onDisk(folder, () => namesIn(folder))
      for (const name of names.filter((one) => one.endsWith(".jsonl"))) {
        const file = join(folder, name)
        const index = files.push(file) - 1
        yield* scanLines(file, (line) => {
          const key = keyOf(file, line)
          places.add(key, index, line)
          const asked = askedIn(line, key)
          if (asked !== undefined) askedBefore.set(wordsIn(asked))
        })
      }

      const reader = yield* Effect.acquireRelease(
        Effect.sync(() => new LineReader()),
        (one) => Effect.sync(() => one.close())
      )
      const stamp = DateTime.formatIso(yield* DateTime.now).replace(/[-:]|\.\d+Z/g, "")
      const mine = join(folder, `${stamp}-${process.pid}-${randomBytes(2).toString("hex")}.jsonl`)
      const segment = yield* openSegment(mine, { readable: false })
      const own = files.push(mine) - 1
      const prepared = yield* Effect.cached(prepareHome(home.root))
      const underWay = new Map<string, Deferred.Deferred<void, Fault>>()

      const get = (key: string) =>
        Effect.suspend(() => {
          const place = places.get(key)
          if (place === undefined) return Effect.succeed(undefined)
          const file = files[place.file]!
          return Effect.try({
            // Our own line, written from this type: it equals its JSON form.
            try: () => {
              const row = reader.read(file, place) as AnswerRow
              return row.key === key ? row : undefined
            },
            catch: (cause) => diskFault(file, cause)
          })
        })
      const write = Effect.fnUntraced(function* (row: AnswerRow, written: Deferred.Deferred<void, Fault>) {
        const exit = yield* Effect.exit(
          Effect.andThen(prepared, segment.append(answerLine(row))).pipe(
            Effect.map((place) => places.add(row.key, own, place))
          )
        )
        underWay.delete(row.key)
        yield* Deferred.done(written, exit)
        return yield* exit
      })
      const put = (row: AnswerRow) =>
        Effect.suspend(() => {
          if (places.has(row.key)) return Effect.void
          const other = underWay.get(row.key)
          if (other !== undefined) return Deferred.await(other)
          const written = Deferred.makeUnsafe<void, Fault>()
          underWay.set(row.key, written)
          return Effect.uninterruptible(write(row, written))
        })
      return Answers.of({
        get,
        has: (key) => places.has(key),
        wasAsked: (asked) => askedBefore.size > 0 && askedBefore.has(wordsIn(asked)),
        put
      })
    })
  )
}
