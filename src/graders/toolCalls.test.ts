import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import type { ToolCall } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"
import { answer, pair, seenCase, settled } from "../testing/grading.ts"
import type { GradeInput, Grading } from "./contract.ts"
import { runGrader as run } from "./grade.ts"
import { toolCalls } from "./toolCalls.ts"

const runGrader = (grade: Grading, input: GradeInput) => settled(run(grade, input))

const call = (name: string, args: unknown): ToolCall => ({ name, arguments: args })
const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels)
const calls = (...list: ReadonlyArray<ToolCall>) => answer("", list)
const grade = (options: typeof toolCalls.options.Encoded, ...of: Parameters<typeof pair>) =>
  runGrader(toolCalls.make(Schema.decodeSync(toolCalls.options)(options)), pair(...of))

const refund = call("refund", { order: "A1", amount: 10 })
const set = (id: string, status: string) => call("update_order", { order_id: id, status })
const mail = call("mail", { to: "ada@example.org", text: "Done" })

describe("toolCalls", () => {
  it.for([
    ["the same calls", {}, calls(refund, mail), calls(refund, mail), 1],
    ["another order", {}, calls(mail, refund), calls(refund, mail), 1],
    ["another order where order counts", { ordered: true }, calls(mail, refund), calls(refund, mail), 1 / 2],
    ["one argument of two wrong", {}, calls(call("refund", { order: "A1", amount: 11 })), calls(refund), 1 / 2],
    [
      "a number within the tolerance",
      { tolerance: 1 },
      calls(call("refund", { order: "A1", amount: 11 })),
      calls(refund),
      1
    ],
    [
      "text in other case and spacing",
      {},
      calls(call("mail", { to: "Ada@example.org", text: " done" })),
      calls(mail),
      1
    ],
    [
      "text to the letter",
      { text: "exact" },
      calls(call("mail", { to: "ada@example.org", text: "done" })),
      calls(mail),
      1 / 2
    ],
    ["an argument too many", {}, calls(call("refund", { order: "A1", amount: 10, note: "" })), calls(refund), 2 / 3],
    ["another tool", {}, calls(call("charge", { order: "A1", amount: 10 })), calls(refund), 0],
    ["a call too many", {}, calls(refund, mail), calls(refund), 1 / 2],
    ["a call missing", {}, calls(refund), calls(refund, mail), 1 / 2],
    ["a call twice", {}, calls(refund, refund), calls(refund), 1 / 2],
    ["calls without arguments", {}, calls(call("stop", {})), calls(call("stop", {})), 1],
    ["wrongly calling nothing", {}, answer("Hello"), calls(refund), 0],
    ["wrongly calling something", {}, calls(refund), answer("Hi"), 0],
    ["unreadable arguments", {}, calls({ ...refund, arguments: {}, error: "not JSON" }), calls(refund), 0],
    ["arguments that are no object", {}, calls(call("sql", "select 1")), calls(call("sql", "SELECT 1")), 1]
  ] as const)("scores %s", async ([, options, output, original, score]) => {
    assert.closeTo((await grade(options, output, original)).score ?? Number.NaN, score, 1e-12)
  })

  it("scores 1 for rightly calling nothing of what was offered, and tells nothing where nothing was", async () => {
    const offering = (tools: CallRequest["tools"], ...of: Parameters<typeof pair>) =>
      runGrader(toolCalls.make(Schema.decodeSync(toolCalls.options)({})), { ...pair(...of), case: seenCase({ tools }) })
    const offered = [{ name: "refund", inputSchema: {}, kind: "function", basis: "recorded" }] as const
    const none = { score: null, why: "no tools were offered" }
    for (const expected of [undefined, []]) {
      const of = ["Hello", "Hi", expected] as const
      assert.deepStrictEqual(await offering(offered, ...of), { score: 1, why: "rightly calls nothing" })
      assert.deepStrictEqual(await offering([], ...of), none)
      assert.deepStrictEqual(await offering(null, ...of), none)
      assert.strictEqual((await offering([], calls(refund), "Hi", expected)).score, 0)
    }
    // An original that calls a tool was offered one, whatever the archive recorded of that.
    assert.strictEqual((await offering(null, "Hello", calls(refund), [])).score, 1)
  })

  it.for([
    ["an extra read weighs less than a write", {}, calls(refund, call("get_order", {})), calls(refund), 3 / 4],
    [
      "a missing write weighs more than a read",
      {},
      calls(call("get_order", {})),
      calls(refund, call("get_order", {})),
      1 / 4
    ],
    ["weights as the suite says", { writeWeight: 1 }, calls(refund, call("get_order", {})), calls(refund), 1 / 2],
    [
      "effects as the suite says",
      { effects: { refund: "read", get_order: "write" } },
      calls(refund),
      calls(refund, call("get_order", {})),
      1 / 4
    ],
    [
      "what changes one thing in another order",
      {},
      calls(call("refund", { order_id: "1" }), call("cancel", { order_id: "1" })),
      calls(call("cancel", { order_id: "1" }), call("refund", { order_id: "1" })),
      1 / 2
    ],
    [
      "what changes two things in another order",
      {},
      calls(call("refund", { order_id: "2" }), call("cancel", { order_id: "1" })),
      calls(call("cancel", { order_id: "1" }), call("refund", { order_id: "2" })),
      1
    ],
    [
      "what one tool changes of one thing in another order",
      {},
      calls(set("A-1", "closed"), set("A-1", "open")),
      calls(set("A-1", "open"), set("A-1", "closed")),
      1 / 2
    ],
    [
      "what one tool changes of one thing in order, among others",
      {},
      calls(set("A-2", "closed"), set("A-1", "open"), set("A-1", "closed")),
      calls(set("A-1", "open"), set("A-2", "closed"), set("A-1", "closed")),
      1
    ],
    [
      "what one tool does to one thing twice alike",
      {},
      calls(set("A-1", "open"), set("A-1", "open")),
      calls(set("A-1", "open"), set("A-1", "open")),
      1
    ],
    [
      "what is changed of another thing, among calls that have an order",
      {},
      calls(set("A-1", "open"), set("A-2", "closed")),
      calls(set("A-1", "open"), set("A-1", "closed")),
      3 / 4
    ],
    [
      "order that is told not to count",
      { ordered: false },
      calls(call("refund", { order_id: "1" }), call("cancel", { order_id: "1" })),
      calls(call("cancel", { order_id: "1" }), call("refund", { order_id: "1" })),
      1
    ]
  ] as const)("scores %s", async ([, options, output, original, score]) => {
    assert.closeTo((await grade(options, output, original)).score ?? Number.NaN, score, 1e-12)
  })

  it("scores 0 for arguments that are nested too deep to be compared, and tells nothing where the original's are", async () => {
    const nested = (levels: number): ToolCall => call("refund", JSON.parse(`{"a":${deep(levels - 1)}}`))
    assert.strictEqual((await grade({}, calls(nested(1_000)), calls(nested(1_000)))).score, 1)
    assert.deepStrictEqual(await grade({}, calls(nested(20_000)), calls(refund)), {
      score: 0,
      why: "first divergence: call 1 refund has unreadable arguments (nested more than 1000 levels deep)"
    })
    assert.deepStrictEqual(await grade({}, calls(refund), calls(nested(20_000))), {
      score: null,
      why: "the original is nested more than 1000 levels deep"
    })
  })

  it("scores 0 for a tool that was not offered, though it is the expected one", async () => {
    const tools = [{ name: "log", inputSchema: {}, kind: "function", basis: "recorded" }] as const
    const input = { ...pair(calls(refund), "Hi", [refund]), case: seenCase({ tools }) }
    assert.deepStrictEqual(await runGrader(toolCalls.make(Schema.decodeSync(toolCalls.options)({})), input), {
      score: 0,
      why: "first divergence: call 1 refund was not offered"
    })
  })

  it("grades both sides against the reference: an original that is right in three of four is not the measure", async () => {
    const right = [1, 2, 3, 4].map((n) => call("book", { flight_id: `F${n}` }))
    const archive = right.map((one, i) => (i === 3 ? call("book", { flight_id: "F9" }) : one))
    const mean = async (outputs: ReadonlyArray<ToolCall>) => {
      const scores = await Promise.all(
        outputs.map(async (one, i) => (await grade({}, calls(one), calls(archive[i]!), [right[i]])).score ?? Number.NaN)
      )
      return scores.reduce((sum, score) => sum + score, 0) / scores.length
    }
    assert.strictEqual(await mean(archive), 0.75)
    assert.strictEqual(await mean(right), 1)
  })

  it("tells a model that is perfect on single calls and makes but one of parallel ones", async () => {
    const [one, two, three] = ["Rome", "Oslo", "Bonn"].map((city) => call("book_room", { city }))
    assert.strictEqual((await grade({}, calls(one!), calls(one!))).score, 1)
    assert.closeTo((await grade({}, calls(one!), calls(one!, two!, three!))).score ?? Number.NaN, 1 / 3, 1e-9)
  })

  it("pairs calls of one tool as well as can be, not in the order they come", async () => {
    const one = call("get", { a: 1, b: 1 })
    const two = call("get", { a: 1, b: 2 })
    // In order, the first output would take `one` at a half and leave a half for the other.
    assert.strictEqual((await grade({}, calls(two, one), calls(one, two))).score, 1)
  })

  it("says what differs", async () => {
    const { why } = await grade(
      {},
      calls(call("refund", { order: "A1", amount: 11 }), mail),
      calls(refund, call("log", {}))
    )
    assert.strictEqual(
      why,
      "first divergence: call 1 refund.amount is 11 instead of 10; call 2 log is not called; mail is called and should not be"
    )
  })

  it("compares with the reference where there is one", async () => {
    assert.strictEqual((await grade({}, calls(refund), answer(""), [refund])).score, 1)
    assert.strictEqual((await grade({}, calls(refund), answer(""), refund)).score, 1)
    assert.strictEqual(
      (await grade({}, calls(refund), answer(""), [{ name: "refund", arguments: JSON.stringify(refund.arguments) }]))
        .score,
      1
    )
    assert.strictEqual((await grade({}, calls(), calls(refund), [])).score, 1)
  })

  it("gives no score where original or reference is unreadable", async () => {
    assert.strictEqual((await grade({}, calls(refund), calls({ ...refund, error: "not JSON" }))).score, null)
    assert.strictEqual((await grade({}, calls(refund), calls(refund), "refund it")).score, null)
    assert.strictEqual(
      (await grade({}, calls(refund), calls(refund), [{ name: "refund", arguments: "{" }])).score,
      null
    )
  })

  const Calls = Schema.Array(
    Schema.Struct({
      name: Schema.Literals(["a", "b"]),
      arguments: Schema.Struct({ x: Schema.Literals([1, 2]), y: Schema.Literals(["u", "v", "w"]), z: Schema.Boolean })
    })
  ).check(Schema.isMaxLength(6))
  const Seeds = Schema.Array(Schema.Int).check(Schema.isMinLength(6), Schema.isMaxLength(6))
  const permuted = <A>(list: ReadonlyArray<A>, seeds: ReadonlyArray<number>) =>
    list
      .map((item, i) => [seeds[i] ?? 0, item] as const)
      .sort(([a], [b]) => a - b)
      .map(([, item]) => item)

  it.effect.prop(
    "never changes its score when calls are permuted",
    { reference: Calls, output: Calls, one: Seeds, other: Seeds },
    ({ one, other, output, reference }) =>
      Effect.gen(function* () {
        const [plain, shuffled] = yield* Effect.promise(() =>
          Promise.all([
            grade({}, calls(...output), calls(...reference)),
            grade({}, calls(...permuted(output, one)), calls(...permuted(reference, other)))
          ])
        )
        assert.strictEqual(plain.score, shuffled.score)
        if (plain.score !== null) assert.isTrue(plain.score >= 0 && plain.score <= 1)
      })
  )

  const Writes = Schema.Array(
    Schema.Struct({
      name: Schema.Literals(["update", "cancel"]),
      arguments: Schema.Struct({ id: Schema.Literals([1, 2, 3]), to: Schema.Literals(["u", "v", "w"]) })
    })
  ).check(Schema.isMaxLength(6))
  /** Calls of one thing keep their order, those of different things do not. */
  const interleaved = (list: typeof Writes.Type, seeds: ReadonlyArray<number>) => {
    const waiting = Map.groupBy(list, (one) => one.arguments.id)
    return permuted(list, seeds).map((one) => waiting.get(one.arguments.id)!.shift()!)
  }

  it.effect.prop(
    "never changes its score when calls that change different things are permuted",
    { reference: Writes, output: Writes, one: Seeds, other: Seeds },
    ({ one, other, output, reference }) =>
      Effect.promise(async () => {
        const plain = await grade({}, calls(...output), calls(...reference))
        const shuffled = await grade({}, calls(...interleaved(output, one)), calls(...interleaved(reference, other)))
        assert.strictEqual(plain.score, shuffled.score)
      })
  )

  it("says what is called out of order", async () => {
    const [one, two, three] = ["a", "b", "c"].map((status) => set("A-1", status))
    const { score, why } = await grade({}, calls(two!, three!, one!), calls(one!, two!, three!))
    assert.closeTo(score ?? Number.NaN, 2 / 3, 1e-12)
    assert.strictEqual(why, "first divergence: call 1 update_order is called out of order")
  })

  it.effect.prop("scores 1 for identical calls", { list: Calls.check(Schema.isMinLength(1)) }, ({ list }) =>
    Effect.promise(async () => {
      assert.strictEqual((await grade({}, calls(...list), calls(...list))).score, 1)
    })
  )
})
