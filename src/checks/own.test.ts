import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { answer, inSuite, pair, seenCase, settled } from "../testing/grading.ts"
import { optionsOf, refusedOptions } from "./options.ts"
import { checkOf, type OwnCheck } from "./own.ts"
import { runCheck } from "./run.ts"

const limit = <A>(run: () => A | PromiseLike<A>) => Promise.resolve().then(run)
const input = { output: answer("x"), case: seenCase() }
const run = (check: OwnCheck["check"]) =>
  settled(runCheck("mine", checkOf({ id: "mine", check }, limit).make({}, inSuite), input))

describe("a check of one's own", () => {
  it("may give a boolean or a verdict with its message, at once or later", async () => {
    assert.deepStrictEqual(await run(() => true), { use: "mine", pass: true, message: "passes" })
    assert.deepStrictEqual(await run(async () => false), {
      use: "mine",
      pass: false,
      message: "The answer does not pass the check mine"
    })
    assert.deepStrictEqual(await run(async () => ({ pass: false, message: "too long" })), {
      use: "mine",
      pass: false,
      message: "too long"
    })
  })

  it("may say that there was nothing to check", async () => {
    const check = checkOf({ id: "mine", check: () => ({ pass: true, message: "no code", applies: false }) }, limit)
    assert.deepStrictEqual(await settled(runCheck("mine", check.make({}, inSuite), input)), {
      use: "mine",
      pass: true,
      message: "no code",
      applies: false
    })
  })

  it("is broken, not failed, when it throws, rejects or gives something else", async () => {
    const boom = () => {
      throw new Error("boom")
    }
    for (const result of [await run(boom), await run(async () => boom())]) {
      assert.deepStrictEqual(result, {
        use: "mine",
        pass: false,
        message: "The check mine itself failed: boom",
        broken: true
      })
    }
    assert.isTrue((await run(() => "yes" as never)).broken)
  })

  it("sees no original and no reference, even when its caller holds them", async () => {
    const whole = { ...seenCase(), ...pair("o", "the original", "the reference") }
    const seen: Array<string> = []
    const check = checkOf({ id: "mine", check: (all) => seen.push(JSON.stringify(all)) > 0 }, limit)
    await settled(runCheck("mine", check.make({}, inSuite), { output: answer("x"), case: whole }))
    assert.strictEqual(seen.length, 1)
    assert.notInclude(seen.join(), "the original")
    assert.notInclude(seen.join(), "the reference")
  })
})

describe("the options of a plug-in of one's own", () => {
  const decode = (schema: Parameters<typeof optionsOf>[0], value: unknown) =>
    Schema.decodeUnknownEffect(optionsOf(schema))(value)

  it.effect("are decoded by an Effect Schema", () =>
    Effect.gen(function* () {
      const schema = Schema.Struct({ min: Schema.FiniteFromString })
      assert.deepStrictEqual(yield* decode(schema, { min: "3" }), { min: 3 })
      assert.include((yield* Effect.flip(decode(schema, {}))).message, "min")
    })
  )

  it.effect("are validated by any Standard Schema, its issues told by path", () =>
    Effect.gen(function* () {
      const schema = {
        "~standard": {
          version: 1 as const,
          vendor: "test",
          validate: async (value: unknown) =>
            typeof value === "object" && value !== null && "min" in value
              ? { value: { min: Number(value.min) } }
              : { issues: [{ message: "a number is wanted", path: [{ key: "min" }] }] }
        }
      }
      assert.deepStrictEqual(yield* decode(schema, { min: "3" }), { min: 3 })
      const { message } = yield* Effect.flip(decode(schema, {}))
      assert.include(message, "a number is wanted")
      assert.include(message, '["min"]')
    })
  )

  it("may not be what is no schema, nor a schema of another copy of Effect, which would refuse everything", () => {
    const foreign = Object.assign(Object.create(Schema.String), { ast: { ...Schema.String.ast } })
    assert.match(refusedOptions(foreign) ?? "", /another copy of Effect; right is Schema\.toStandardSchemaV1\(schema\)/)
    assert.match(refusedOptions({ min: "number" }) ?? "", /no schema/)
    assert.match(refusedOptions("number") ?? "", /no schema/)
    for (const schema of [undefined, Schema.String, Schema.Struct({}), Schema.toStandardSchemaV1(Schema.String)]) {
      assert.isUndefined(refusedOptions(schema))
    }
  })

  it.effect("come as they are without a schema", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* decode(undefined, { anything: 1 }), { anything: 1 })
    })
  )
})
