import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { RunResult } from "../domain/RunResult.ts"
import { serve } from "../standin/Fleet.ts"
import { judges } from "../standin/profiles.ts"
import { fleetEntry, linesBelow, liteLlmLines, makeDesk, saying, sayings, suiteText } from "../testing/desk.ts"

const words = "amber birch cedar dahlia ember fennel garnet hazel indigo jasper kelp lilac maple nickel olive".split(
  " "
)
const about = (i: number) => `${words[i % 15]!}${words[(i * 7 + 3) % 15]!} ${words[(i * 4 + 1) % 15]!}${i}`
/** Archived calls that each ask about something else, and whose answers say what they were asked. */
const callLines = (count: number) =>
  liteLlmLines(count, { answer: "ok" })
    .trimEnd()
    .split("\n")
    .map((line, i) => {
      const call = JSON.parse(line) as {
        messages: Array<{ role: string; content: string }>
        response: { choices: Array<{ message: { content: string } }> }
      }
      call.messages.at(-1)!.content = `Tell me of ${about(i)}`
      call.response.choices[0]!.message.content = `This is told of ${about(i)}`
      return `${JSON.stringify(call)}\n`
    })
    .join("")

const tying = saying("tying", JSON.stringify({ reasons: "They are alike.", verdict: "tie" }))

describe("a run whose judge is tried on foils", { timeout: 180_000 }, () => {
  it.live("finds a judge out that ties everything, pays once, and says where the suite wants no trial", () =>
    Effect.gen(function* () {
      const fleet = yield* serve({ profiles: [...sayings, ...judges, tying] })
      const desk = yield* makeDesk
      const file = yield* desk.write("calls.jsonl", callLines(60))
      assert.strictEqual((yield* desk.run(["import", file, "--name", "desk"])).code, 0)
      const price = { input: "0.1", output: "0.4" }
      const provider = fleetEntry(fleet.openaiURL, {
        prices: { small: price, premium: price, tying: price, "sim-judge": price }
      })
      const run = (model: string, more: object = {}) =>
        Effect.gen(function* () {
          const graders = [{ use: "judge", options: { provider: "fleet", model } }]
          yield* desk.write(
            "desk.suite.ts",
            suiteText(fleet.openaiURL, { graders, cases: {}, providers: { fleet: provider }, ...more })
          )
          const { json, stderr } = yield* desk.run(["replay", "desk.suite.ts", "--json"])
          assert.isNotNull(json, stderr)
          return json as RunResult
        })
      const first = yield* run("tying")
      const [gate] = first.standings[0]!.gates
      assert.deepStrictEqual(gate?.judge?.foils, { tried: 10, caught: 0 })
      assert.strictEqual(first.standings[0]!.verdict, "inconclusive")
      assert.include(first.standings[0]!.reason, "finds only 0 of 10 answers that belong to other requests worse")
      assert.deepStrictEqual(first.judges?.[0]?.foils, { tried: 10, caught: 0 })
      assert.isTrue(linesBelow(desk.home, /grades\.jsonl$/).some(({ setup }) => setup === "foil"))

      const again = yield* run("tying")
      assert.deepStrictEqual([again.spend.calls, Number(again.spend.judgeUsd)], [0, 0], "a second run pays nothing")

      const none = yield* run("tying", { judgeTrial: { repeats: 0 } })
      assert.deepInclude(none.standings[0]!.gates[0]?.judge?.foils, { tried: 0 })
      assert.include(none.standings[0]!.reason, "it says tie of all 60 answers")

      const honest = yield* run("sim-judge")
      const found = honest.standings[0]!.gates[0]?.judge
      assert.strictEqual(found?.foils?.tried, 10)
      assert.isAtLeast(found?.foils?.caught ?? 0, 8)
      assert.isUndefined(found?.unfit)
    }).pipe(Effect.scoped)
  )
})
