import { writeSync } from "node:fs"

import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import type { Fault } from "../domain/Fault.ts"
import { archivedCall } from "../testing/archivedCall.ts"
import { Answers } from "./Answers.ts"
import { Archives } from "./Archives.ts"
import { Home } from "./Home.ts"

/**
 * A process that tests kill: `node store.child.ts answers|archive HOME`.
 * `answers` puts answers from 64 fibers without end and prints the key of each that was acknowledged.
 * `archive` adds calls to the archive `desk` until more than memory holds has gone to the files, prints `added` and waits without a commit.
 */
const [what, home] = process.argv.slice(2)
const say = (line: string) => Effect.sync(() => writeSync(1, `${line}\n`))

const answers = Effect.gen(function* () {
  const store = yield* Answers
  const fiber = (writer: number) =>
    Effect.gen(function* () {
      for (let round = 0; ; round++) {
        const key = `${process.pid}-${writer}-${round}`
        yield* store.put({
          v: 1,
          key,
          provider: "fleet",
          model: "small",
          series: "candidate",
          repeat: 0,
          response: {
            blocks: [{ type: "text", text: `answer ${key} ${"x".repeat(500)}` }],
            stopReason: "end",
            complete: true
          },
          usage: { basis: "reported", input: null, output: null },
          timing: { startedAt: null, basis: "reported" }
        })
        yield* say(key)
      }
    })
  yield* Effect.all(
    Array.from({ length: 64 }, (_, writer) => fiber(writer)),
    { concurrency: "unbounded" }
  )
})

const archive = Effect.scoped(
  Effect.gen(function* () {
    const writer = yield* (yield* Archives).writer("desk")
    for (let index = 0; index < 2000; index++) {
      yield* writer.add([
        { call: archivedCall(`killed-${index}`, { answer: "x".repeat(1000) }), dedupeKey: `${index}`, rank: 0 }
      ])
    }
    yield* say("added")
    return yield* Effect.callback<never>(() => {
      const alive = setInterval(() => undefined, 1000)
      return Effect.sync(() => clearInterval(alive))
    })
  })
)

const stores = Layer.mergeAll(Answers.layer, Archives.layer).pipe(Layer.provide(Home.layer(home ?? "")))
const program: Effect.Effect<void, Fault, Answers | Archives> = what === "answers" ? answers : archive
await Effect.runPromise(Effect.provide(program, stores))
