import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { RunResult } from "../domain/RunResult.ts"
import { serve } from "../standin/Fleet.ts"
import { type Desk, fillDesk, makeDesk, sayings, suiteText } from "../testing/desk.ts"

const patience = 180_000

const filled = Effect.gen(function* () {
  const fleet = yield* serve({ profiles: sayings })
  const desk = yield* makeDesk
  yield* fillDesk(desk, 60)
  return { desk, url: fleet.openaiURL }
})

/** A suite with a grader of one's own whose `grade` is this, and what stands before it in either file. */
const withGrader = (
  desk: Desk,
  url: string,
  grade: string,
  before: { readonly suite?: string; readonly grader?: string } = {}
) =>
  Effect.andThen(
    desk.write(
      "mine.ts",
      `${before.grader ?? ""}\nexport default { id: "mine", kind: "outcome", grade: async ({ output }: any) => { ${grade} } }\n`
    ),
    desk.write(
      "desk.suite.ts",
      `${before.suite ?? ""}\n${suiteText(url, { cases: {}, graders: [{ use: "./mine.ts" }] })}`
    )
  )

interface Failure {
  readonly error: { readonly kind: string; readonly message: string; readonly file?: string; readonly line?: number }
}

describe("what a suite or a plug-in does to its process", { concurrent: true }, () => {
  it.live(
    "printing does not reach stdout, which is the answer's alone, and what it leaves open does not hold up the end",
    () =>
      Effect.gen(function* () {
        const { desk, url } = yield* filled
        const noise =
          'console.log("noise"); console.info("noise"); console.table([1]); process.stdout.write("noise\\n")'
        yield* withGrader(desk, url, `${noise}; return 1`, {
          suite: `${noise}; setInterval(() => {}, 1000)`,
          grader: noise
        })
        const { code, json, stderr } = yield* desk.run(["replay", "desk.suite.ts", "--json"])
        assert.strictEqual(code, 0, stderr)
        assert.strictEqual((json as RunResult).standings[0]?.verdict, "parity")
        assert.include(stderr, "noise")
        const inWords = yield* desk.run(["replay", "desk.suite.ts"])
        assert.strictEqual(inWords.code, 0)
        assert.notInclude(inWords.stdout, "noise")
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "to end it is no success: one document or sentence names the file and line",
    () =>
      Effect.gen(function* () {
        const { desk, url } = yield* filled
        const refused = Effect.fnUntraced(function* (file: RegExp) {
          const { code, json, stderr } = yield* desk.run(["replay", "desk.suite.ts", "--json"])
          assert.strictEqual(code, 2, stderr)
          const { error } = json as Failure
          assert.match(error.message, /process\.exit/)
          assert.match(error.file ?? "", file)
          assert.isAbove(error.line ?? 0, 0)
        })
        yield* withGrader(desk, url, "process.exit(0)")
        yield* refused(/mine\.ts$/)
        const inWords = yield* desk.run(["replay", "desk.suite.ts"])
        assert.deepStrictEqual([inWords.code, inWords.stdout], [2, ""])
        assert.match(inWords.stderr, /mine\.ts:2: the process was ended before the command had answered/)
        yield* withGrader(desk, url, "return 1", { suite: "process.exit(0)" })
        yield* refused(/desk\.suite\.ts$/)
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "an error that nothing catches: one document or sentence with its file, and code 2",
    () =>
      Effect.gen(function* () {
        const { desk, url } = yield* filled
        for (const floating of [
          'Promise.reject(new Error("floating"))',
          'setTimeout(() => { throw new Error("floating") }, 1)'
        ]) {
          yield* withGrader(desk, url, `${floating}; await new Promise((go) => setTimeout(go, 50)); return 1`)
          const { code, json, stderr } = yield* desk.run(["replay", "desk.suite.ts", "--json"])
          assert.strictEqual(code, 2, stderr)
          const { error } = json as Failure
          assert.strictEqual(error.kind, "input")
          assert.match(error.message, /nothing catches.*: floating/)
          assert.match(error.file ?? "", /mine\.ts$/)
        }
        const inWords = yield* desk.run(["replay", "desk.suite.ts"])
        assert.deepStrictEqual([inWords.code, inWords.stdout], [2, ""])
        assert.strictEqual(inWords.stderr.match(/floating/g)?.length, 1, inWords.stderr)
      }).pipe(Effect.scoped),
    patience
  )
})
