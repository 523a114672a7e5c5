import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { route } from "./route.ts"

// Reference values of an independent implementation (Python); not part of the repository.
const file = fileURLToPath(new URL("../../../shared/vectors/14_routing.json", import.meta.url))

interface Vector {
  readonly input: {
    readonly cost: ReadonlyArray<ReadonlyArray<number>>
    readonly gain: ReadonlyArray<ReadonlyArray<number>>
    readonly W: ReadonlyArray<number>
    readonly delta: number
    readonly floor: ReadonlyArray<number> | null
  }
  readonly expected: { readonly choice: ReadonlyArray<number>; readonly cost: number; readonly gain: number }
}

const Share = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 }))
const Cell = Schema.Struct({
  cost: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 99 })),
  loss: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30 }))
})
const Slices = Schema.Array(Schema.Struct({ share: Share, a: Cell, b: Cell, c: Cell })).check(
  Schema.isMinLength(1),
  Schema.isMaxLength(5)
)

describe("a route", () => {
  it.skipIf(!existsSync(file))("meets reference vectors 14_routing [needs ../shared]", () => {
    const { abs_tol, cases } = JSON.parse(readFileSync(file, "utf8")) as {
      readonly abs_tol: number
      readonly cases: ReadonlyArray<Vector>
    }
    assert.strictEqual(cases.length, 5)
    for (const { expected, input } of cases) {
      const { cost, delta, floor, gain, W: share } = input
      const found = route({ cost, gain, share, ...(floor === null ? {} : { least: floor }) }, delta)
      assert.deepStrictEqual(found?.choice, expected.choice)
      assert.closeTo(found!.cost, expected.cost, abs_tol)
      assert.closeTo(found!.gain, expected.gain, abs_tol)
    }
  })

  it("is none where nothing keeps within the margin, and what is not to be had is not taken", () => {
    assert.isUndefined(route({ cost: [[1]], gain: [[-0.2]], share: [1] }, 0.05))
    assert.deepStrictEqual(route({ cost: [[1, 2]], gain: [[Number.NaN, 0]], share: [1] }, 0.05)?.choice, [1])
    assert.deepStrictEqual(route({ cost: [[1, 2]], gain: [[-0.2, 0]], share: [0.1], least: [-0.1] }, 0.05)?.choice, [1])
  })

  it.prop("is as cheap as the cheapest of all choices that keep within the margin", [Slices], ([slices]) => {
    const all = slices.reduce((sum, { share }) => sum + share, 0)
    const cells = slices.map(({ a, b, c }) => [a, b, c, { cost: 100, loss: 0 }])
    const table = {
      cost: cells.map((some) => some.map(({ cost }) => cost)),
      gain: cells.map((some) => some.map(({ loss }) => -loss / 100)),
      share: slices.map(({ share }) => share / all)
    }
    let least = Infinity
    const walk = (h: number, cost: number, gain: number): void => {
      if (h === slices.length) {
        if (gain >= -0.05 - 1e-12) least = Math.min(least, cost)
        return
      }
      for (const k of [0, 1, 2, 3]) {
        walk(h + 1, cost + table.share[h]! * table.cost[h]![k]!, gain + table.share[h]! * table.gain[h]![k]!)
      }
    }
    walk(0, 0, 0)
    assert.closeTo(route(table, 0.05)!.cost, least, 1e-9)
  })

  it("above 20 slices keeps within the margin, and costs little more than the exact choice of each half would", () => {
    const many = Array.from({ length: 40 }, (_, h) => ({ cost: [1 + (h % 7), 20, 100], gain: [-0.12, -0.03, 0] }))
    const table = {
      cost: many.map(({ cost }) => cost),
      gain: many.map(({ gain }) => gain),
      share: many.map(() => 1 / 40)
    }
    const found = route(table, 0.05)!
    assert.isAtLeast(found.gain, -0.05 - 1e-9)
    assert.isBelow(found.cost, 20)
  })
})
