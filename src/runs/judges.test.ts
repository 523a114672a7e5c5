import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { CaseRow } from "../domain/Case.ts"
import { setupOf } from "../domain/Setup.ts"
import type { ReadyGrader } from "../evaluate/gates.ts"
import { pair, seenCase, settled } from "../testing/grading.ts"
import { capsOf } from "./caps.ts"
import { checkFamilies, checkJudgePrices, guarded, judgesOf } from "./judges.ts"
import { judgingOf } from "./judging.ts"

const judge = (models: ReadonlyArray<string>, more: Partial<ReadyGrader> = {}): ReadyGrader => ({
  id: "judge",
  kind: "preference",
  report: false,
  asks: models.map((model) => ({ provider: "fleet", model, ownFamily: false, calls: 2 })),
  grade: () => Effect.succeed({ score: 1, why: "better" }),
  ...more
})

describe("graders that ask models", () => {
  it("are known by their models, each once", () => {
    assert.deepStrictEqual(
      judgesOf([judge(["a", "b"]), judge([]), judge(["b"])]).map(({ model }) => model),
      ["a", "b"]
    )
  })

  it("leave a case ungraded, and are not asked, where it may not be sent to them", async () => {
    const team = (of: string) => ({ ...pair("x", "y"), case: { ...seenCase(), labels: { team: of } } })
    const [closed] = guarded([judge(["a"])], (_provider, { labels }) => labels["team"] === "open")
    assert.deepStrictEqual(await settled(closed!.grade(team("open"))), { score: 1, why: "better" })
    const { failure, score } = await settled(closed!.grade(team("secret")))
    assert.strictEqual(score, null)
    assert.deepInclude(failure, { kind: "unsendable", why: "mayReceive" })
  })

  it.effect("are not asked without a price where a cap holds", () =>
    Effect.gen(function* () {
      const asks = judgesOf([judge(["a"])])
      const capped = yield* capsOf({ budget: { usd: 10, judgeUsd: 1 }, providers: {} }, [], undefined)
      const fault = yield* Effect.flip(checkJudgePrices(asks, capped, () => false, "a.suite.ts"))
      assert.include(fault.sentence, "none is known for the judge fleet/a")
      yield* checkJudgePrices(asks, capped, () => true, "a.suite.ts")
      const free = yield* capsOf({ providers: {} }, [], undefined)
      yield* checkJudgePrices(asks, free, () => false, "a.suite.ts")
    })
  )

  it("are expected to cost every call for every answer that they grade", () => {
    const row: Pick<CaseRow, "usage"> = {
      usage: {
        basis: "reported",
        input: { total: 400, uncached: 400, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
        output: { total: 100, text: 100, reasoning: 0 }
      }
    }
    const rows = [row, row]
    const priceOf = () => ({ input: "1", output: "10", source: "suite", asOf: "2026-01-01" })
    // 1,200 tokens read at 1 and 200 written at 10 dollars a million: 3,200,000 nano-dollars a call.
    const each = 3_200_000n
    const once = (graders: ReadonlyArray<ReadyGrader>) =>
      judgingOf(rows, graders, { setups: 3, again: 0, foils: 0 }, priceOf).usd
    assert.strictEqual(once([judge(["a"])]), 2n * 3n * 2n * each)
    assert.strictEqual(once([judge(["a", "b"])]), 2n * 2n * 3n * 2n * each)
    assert.strictEqual(once([judge(["a"], { kind: "outcome" })]), 2n * 4n * 2n * each, "the original is judged too")
    assert.strictEqual(once([judge([])]), 0n)
    const many = Array.from({ length: 40 }, () => row)
    const tried = judgingOf(many, [judge(["a"])], { setups: 3, again: 0, foils: 10 }, priceOf).usd
    assert.strictEqual(tried, (40n * 3n + 10n) * 2n * each, "ten foils are judged too")
    const few = judgingOf(rows, [judge(["a"])], { setups: 3, again: 0, foils: 10 }, priceOf).usd
    assert.strictEqual(few, 2n * 4n * 2n * each, "one foil a case at most")
  })
})

describe("a judge of the family that it judges", () => {
  const incumbent = { provider: "openai", model: "gpt-5" }
  const haiku = setupOf("anthropic", "claude-haiku", {})
  const rule = { judgeBelow: 0.6, provider: "court", model: "claude-opus", criteria: [] }
  const whole = setupOf("anthropic", "claude-haiku", {}, { when: [rule], to: "incumbent" })
  const suite = (graders: ReadonlyArray<ReadyGrader>) => ({ incumbent, suite: { file: "a.suite.ts", graders } })

  it.effect("is refused, of a grader and of a cascade's rule, with the way out", () =>
    Effect.gen(function* () {
      assert.deepInclude(yield* Effect.flip(checkFamilies(suite([judge(["claude-opus"])]), [haiku])), {
        kind: "input",
        file: "a.suite.ts",
        sentence:
          "the judge fleet/claude-opus of grader judge is of the same family of models (anthropic) as setup anthropic/claude-haiku: a judge favours its own",
        mend: "Name a judge of another family, or say ownFamily: true in its options."
      })
      assert.deepInclude(yield* Effect.flip(checkFamilies(suite([]), [whole])), {
        kind: "input",
        file: "a.suite.ts",
        sentence:
          "the judge court/claude-opus of the rule judgeBelow 0.6 is of the same family of models (anthropic) as anthropic/claude-haiku, whose answers it judges in setup anthropic/claude-haiku, on court/claude-opus<0.6: incumbent: a judge favours its own",
        mend: "Name a judge of another family, or say ownFamily: true beside it in the rule."
      })
      const both = yield* Effect.flip(checkFamilies(suite([judge(["claude-opus"])]), [haiku, whole]))
      assert.include(both.sentence, "and so in 2 more cases")
    })
  )

  it.effect("is let through where the suite says so, or no setup of its family is tried", () =>
    Effect.gen(function* () {
      const allowed = setupOf(
        "anthropic",
        "claude-haiku",
        {},
        { when: [{ ...rule, ownFamily: true }], to: "incumbent" }
      )
      yield* checkFamilies(suite([judge(["gemini-pro"])]), [haiku, allowed])
      yield* checkFamilies(suite([judge(["claude-opus"])]), [])
    })
  )
})
