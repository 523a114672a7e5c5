import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import type { ToolCall } from "../domain/Answer.ts"
import { answer, pair, settled } from "../testing/grading.ts"
import { runGrader } from "./grade.ts"
import { toolCalls } from "./toolCalls.ts"

const call = (name: string, args: unknown): ToolCall => ({ name, arguments: args })
const calls = (...list: ReadonlyArray<ToolCall>) => answer("", list)
const made = toolCalls.make(Schema.decodeSync(toolCalls.options)({}))
const grade = (...of: Parameters<typeof pair>) => settled(runGrader(made, pair(...of)))
/** A call with ids: `on("refund", { order: 1 })` names `order_id`. */
const on = (name: string, ids: Readonly<Record<string, unknown>>) =>
  call(name, Object.fromEntries(Object.entries(ids).map(([key, id]) => [`${key}_id`, id])))

describe("the order of calls", () => {
  it.for([
    [
      "what changes one thing, of which one call names another too, in another order",
      calls(on("refund", { order: "A", payment: "P" }), on("cancel", { order: "A" })),
      calls(on("cancel", { order: "A" }), on("refund", { order: "A", payment: "P" })),
      1 / 2
    ],
    [
      "one thing that is named in lists, in another order",
      calls(call("drop", { item_ids: [2, 3] }), call("pick", { item_ids: [1, 2] })),
      calls(call("pick", { item_ids: [1, 2] }), call("drop", { item_ids: [2, 3] })),
      1 / 2
    ],
    [
      "one value under two names, in another order",
      calls(on("refund", { payment: "A" }), on("cancel", { order: "A" })),
      calls(on("cancel", { order: "A" }), on("refund", { payment: "A" })),
      1
    ],
    [
      "ids that name nothing, in another order",
      calls(on("refund", { order: null }), on("cancel", { order: null })),
      calls(on("cancel", { order: null }), on("refund", { order: null })),
      1
    ],
    [
      "two things that a third call binds, in another order",
      calls(on("pay", { payment: "P" }), on("cancel", { order: "A" }), on("bind", { order: "A", payment: "P" })),
      calls(on("cancel", { order: "A" }), on("pay", { payment: "P" }), on("bind", { order: "A", payment: "P" })),
      1
    ],
    [
      "the call that binds them first",
      calls(on("bind", { order: "A", payment: "P" }), on("pay", { payment: "P" }), on("cancel", { order: "A" })),
      calls(on("cancel", { order: "A" }), on("pay", { payment: "P" }), on("bind", { order: "A", payment: "P" })),
      2 / 3
    ]
  ] as const)("scores %s", async ([, output, original, score]) => {
    assert.closeTo((await grade(output, original)).score ?? Number.NaN, score, 1e-12)
  })

  const Seeds = Schema.Array(Schema.Int).check(Schema.isMinLength(6), Schema.isMaxLength(6))
  const Bound = Schema.Array(
    Schema.Struct({
      name: Schema.Literals(["update", "cancel"]),
      arguments: Schema.Struct({
        a_id: Schema.NullOr(Schema.Literals([1, 2])),
        b_id: Schema.NullOr(Schema.Literals([1, 2])),
        to: Schema.Literals(["u", "v"])
      })
    })
  ).check(Schema.isMaxLength(6))
  const shares = (one: (typeof Bound.Type)[number], other: (typeof Bound.Type)[number]) =>
    (["a_id", "b_id"] as const).some((id) => one.arguments[id] !== null && one.arguments[id] === other.arguments[id])
  /** Neighbours that share no thing change places, as the seeds tell. */
  const swapped = (list: typeof Bound.Type, seeds: ReadonlyArray<number>) => {
    const all = [...list]
    for (const seed of seeds) {
      const at = Math.abs(seed) % Math.max(1, all.length - 1)
      const [one, other] = [all[at], all[at + 1]]
      if (one !== undefined && other !== undefined && !shares(one, other)) all.splice(at, 2, other, one)
    }
    return all
  }

  it.effect.prop(
    "never changes its score when neighbours that share no thing change places",
    { reference: Bound, output: Bound, one: Seeds, other: Seeds },
    ({ one, other, output, reference }) =>
      Effect.promise(async () => {
        const plain = await grade(calls(...output), calls(...reference))
        const moved = await grade(calls(...swapped(output, one)), calls(...swapped(reference, other)))
        assert.strictEqual(plain.score, moved.score)
        if (output.length > 0)
          assert.strictEqual((await grade(calls(...swapped(output, one)), calls(...output))).score, 1)
      })
  )

  it.effect.prop(
    "scores below 1 when neighbours that share a thing change places",
    { list: Bound, seed: Schema.Int },
    ({ list, seed }) =>
      Effect.promise(async () => {
        const at = Math.abs(seed) % Math.max(1, list.length - 1)
        const [one, other] = [list[at], list[at + 1]]
        if (one === undefined || other === undefined || !shares(one, other)) return
        if (JSON.stringify(one) === JSON.stringify(other)) return
        const turned = list.toSpliced(at, 2, other, one)
        assert.isBelow((await grade(calls(...turned), calls(...list))).score ?? Number.NaN, 1)
      })
  )
})
