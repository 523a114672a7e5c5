import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { serve } from "../standin/Fleet.ts"
import { fillDesk, linesBelow, makeDesk, saying, sayings, suiteText } from "../testing/desk.ts"

const hostile = "\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u0000\u0008 \u202Egnp.exe\u202C\rover"
/** Control characters (but for the newline) and those that turn the direction of text. */
const controls = /(?!\n)\p{Cc}|\p{Bidi_Control}/u

describe("show", () => {
  it.live(
    "prints request, original, attempts with their cost, checks and grades; hostile text does nothing to a terminal",
    () =>
      Effect.gen(function* () {
        const fleet = yield* serve({ profiles: [...sayings, saying("evil", hostile)] })
        const desk = yield* makeDesk
        yield* fillDesk(desk, 12)
        yield* desk.write(
          "desk.suite.ts",
          suiteText(fleet.openaiURL, {
            setups: [
              { provider: "fleet", models: ["small"] },
              { provider: "fleet", models: ["evil"], repairs: 1 }
            ],
            checks: [{ use: "regex", options: { pattern: "^ok$" } }]
          })
        )
        const replay = yield* desk.run(["replay", "desk.suite.ts"])
        assert.strictEqual(replay.code, 4, replay.stderr)
        assert.notMatch(replay.stdout, controls)
        const caseId = String(linesBelow(desk.home, /outputs\.jsonl$/)[0]?.["case"])

        const { code, stdout } = yield* desk.run(["show", "latest", caseId.slice(0, 8)])
        assert.strictEqual(code, 0)
        assert.notMatch(stdout, controls)
        assert.match(stdout, /Request\n {4}\[user\] Where is parcel \d+\?/)
        assert.match(stdout, /Original \(fleet\/premium\)\n {4}ok\n/)
        assert.match(stdout, /fleet\/small\n {4}ok\n {4}round 0: \$0\.0000009/)
        assert.match(stdout, /grade exact: 1/)
        assert.match(stdout, /fleet\/evil repairs=1\n {4}.*red.*gnp\.exe/)
        assert.match(stdout, /check regex: fail: .+\n(.*\n)* {4}round 1: unpriced/)
        assert.match(stdout, /grade exact: 0: /)

        const { json } = yield* desk.run(["show", "latest", caseId, "--json"])
        assert.containsAllKeys(json, ["run", "case", "call", "request", "original", "outputs"])
        const { outputs } = json as {
          outputs: ReadonlyArray<{
            label: string
            grades: ReadonlyArray<object>
            attempts: ReadonlyArray<{ answer: { text: string }; usd: string | null }>
          }>
        }
        const evil = outputs.find(({ label }) => label === "fleet/evil repairs=1")
        assert.strictEqual(evil?.attempts.length, 2)
        assert.strictEqual(evil?.attempts[0]?.answer.text, hostile, "the document has the answer as it was")
        const small = outputs.find(({ label }) => label === "fleet/small")
        assert.strictEqual(small?.attempts[0]?.usd, "0.000000900")
        assert.strictEqual(small?.grades.length, 1)
      }).pipe(Effect.scoped),
    120_000
  )
})
