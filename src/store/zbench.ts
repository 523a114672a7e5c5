import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { rmSync, statSync, existsSync } from "node:fs"
import { archivedCall, userMessage } from "../testing/archivedCall.ts"
import { Answers } from "./Answers.ts"
import { Archives } from "./Archives.ts"
import { Home } from "./Home.ts"
const home = "/tmp/st/bhome"
const fresh = process.argv[2] !== "keep"
if (fresh) rmSync(home, { recursive: true, force: true })
const row = (key: string) => ({ v: 1 as const, key, provider: "f", model: "m", series: "candidate" as const, repeat: 0, response: { blocks: [{ type: "text" as const, text: "x".repeat(700) }], stopReason: "end" as const, complete: true }, usage: { basis: "reported" as const, input: null, output: null }, timing: { startedAt: null, basis: "reported" as const } })
const timed = <A, E, R>(name: string, n: number, e: Effect.Effect<A, E, R>) => Effect.gen(function* () {
  const c = process.cpuUsage(), t = performance.now()
  const a = yield* e
  const u = process.cpuUsage(c)
  console.log(name, `${((performance.now() - t)).toFixed(0)} ms`, `${((u.user + u.system) / n).toFixed(1)} us cpu/item`, `rss ${(process.memoryUsage.rss() / 1e6).toFixed(0)}`)
  return a
})
const N = 100_000
const hex = (n: number) => n.toString(16).padStart(64, "0123456789abcdef")
const stores = Layer.mergeAll(Answers.layer, Archives.layer).pipe(Layer.provide(Home.layer(home)))
const fan = (f: (n: number) => Effect.Effect<unknown, unknown>) => { let i = 0; const w = Effect.gen(function* () { for (;;) { const n = i++; if (n >= N) return; yield* f(n) } }); return Effect.all(Array.from({ length: 64 }, () => w), { concurrency: "unbounded" }) }
await Effect.runPromise(Effect.gen(function* () {
  const a = yield* Answers
  yield* timed("put", N, fan((n) => a.put(row(hex(n)))))
  yield* timed("get", N, fan((n) => a.get(hex(n))))
}).pipe(Effect.provide(stores)))
await Effect.runPromise(timed("start (scan)", N, Effect.flatMap(Answers, () => Effect.void).pipe(Effect.provide(stores))))
const big = "some text with words ".repeat(100)
const calls = 100_000
await Effect.runPromise(Effect.gen(function* () {
  const ar = yield* Archives
  const sys = userMessage("system ".repeat(100))
  yield* timed("import", calls, Effect.scoped(Effect.gen(function* () {
    const w = yield* ar.writer("b")
    for (let n = 0; n < calls; n++) yield* w.add(archivedCall(hex(n), { messages: [sys, userMessage(big + n)], answer: big }), "k")
    yield* timed("commit", calls, w.commit)
  })))
  const rows = yield* timed("rows", calls, ar.rows("b"))
  yield* timed("digest", calls, ar.digest("b"))
  yield* Effect.scoped(Effect.gen(function* () {
    const r = yield* timed("open reader", calls, ar.reader("b"))
    yield* timed("load", calls, Effect.gen(function* () { for (const x of rows) yield* r.load(x.id) }))
  }))
  yield* timed("reimport", calls, Effect.scoped(Effect.gen(function* () {
    const w = yield* ar.writer("b")
    for (let n = 0; n < calls; n++) yield* w.add(archivedCall(hex(n)), "k")
    yield* w.commit
  })))
  console.log(statSync(home + "/archive/b/calls.jsonl").size / 1e6, statSync(home + "/archive/b/messages.jsonl").size / 1e6, statSync(home + "/archive/b/index.duckdb").size / 1e6, existsSync(home + "/archive/b/pending"))
}).pipe(Effect.provide(stores)))
