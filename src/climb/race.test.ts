import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

import { assert, describe, it } from "@effect/vitest"

import { type Setup, setupOf } from "../domain/Setup.ts"
import { lookEnds, looksOf } from "./looks.ts"
import { chainsIn } from "./race.ts"
import { race } from "./strategies/race.ts"
import { searchTable, sizesOf, type Table } from "./table.testing.ts"

// Reference values of an independent implementation (Python, scipy); not part of the repository.
const file = fileURLToPath(new URL("../../../shared/vectors/18_race_end_to_end.json", import.meta.url))
const absent = !existsSync(file)

interface Vector {
  readonly id: string
  readonly input: {
    readonly score: Readonly<Record<string, ReadonlyArray<number>>>
    readonly cost: Readonly<Record<string, ReadonlyArray<number>>>
    readonly floor: ReadonlyArray<number>
    readonly floor_cost: ReadonlyArray<number>
    readonly cluster: ReadonlyArray<number>
    readonly stratum: ReadonlyArray<string>
    readonly chains: ReadonlyArray<ReadonlyArray<string>>
    readonly alpha: number
    readonly delta: number
    readonly looks: readonly [number, ...Array<number>]
    readonly futility: number
  }
  readonly expected: {
    readonly named: string | null
    readonly trace: ReadonlyArray<{
      readonly setup: string
      readonly n: number
      readonly mean: number
      readonly p: number
      readonly threshold: number
      readonly action: "PASS" | "FUTILE" | "CONTINUE" | "FAIL"
    }>
    readonly spend: number
    readonly floor_spend: number
  }
}

const meanOf = (values: ReadonlyArray<number>) => values.reduce((a, b) => a + b, 0) / values.length

/** A vector's world and its setups, a model's name standing for the setup. */
const worldOf = ({ input }: Vector) => {
  const setups = input.chains.flatMap((chain, c) =>
    chain.map((name, rank) => ({
      setup: setupOf("table", name, {}),
      usdPerCase: meanOf(input.cost[name]!),
      chain: String(c),
      rank
    }))
  )
  const table: Table = {
    cluster: input.cluster.map(String),
    slice: input.stratum,
    reference: Float64Array.from(input.floor),
    referenceCost: Float64Array.from(input.floor_cost),
    incumbentCost: Float64Array.from(input.floor_cost),
    of: ({ model }: Setup) => ({
      score: Float64Array.from(input.score[model]!),
      cost: Float64Array.from(input.cost[model]!)
    })
  }
  return { setups, table }
}

describe("a race", () => {
  it.skipIf(absent)("meets reference vectors 18_race_end_to_end [needs ../shared]", () => {
    const { abs_tol, cases } = JSON.parse(readFileSync(file, "utf8")) as {
      readonly abs_tol: number
      readonly cases: ReadonlyArray<Vector>
    }
    assert.strictEqual(cases.length, 3)
    for (const vector of cases) {
      const { setups, table } = worldOf(vector)
      const { alpha, delta: margin, futility, looks } = vector.input
      const input = {
        setups,
        sizes: sizesOf(table),
        slice: table.slice,
        shares: new Map([["all", 1]]),
        alpha,
        margin,
        incumbentUsdPerCase: 1
      }
      const { looks: seen, spend, stop } = searchTable(race.make({ looks, futility }, input), table, input)
      const { expected, id } = vector
      assert.strictEqual(stop.named?.model ?? null, expected.named, id)
      assert.deepStrictEqual(
        seen.map(({ move, standing }) => [move.setup.model, standing.asked]),
        expected.trace.map(({ n, setup }) => [setup, n]),
        id
      )
      seen.forEach(({ move, standing }, i) => {
        const wanted = expected.trace[i]!
        const [gate] = standing.gates
        assert.closeTo(gate!.pParity, wanted.p, abs_tol, `${id} look ${i}: p`)
        assert.closeTo(gate!.difference.estimate, wanted.mean, abs_tol, `${id} look ${i}: mean`)
        assert.closeTo(move.level, wanted.threshold, abs_tol, `${id} look ${i}: level`)
        assert.strictEqual(standing.verdict === "parity", wanted.action === "PASS", `${id} look ${i}`)
      })
      assert.closeTo(spend.candidates, expected.spend, abs_tol, id)
      assert.closeTo(spend.reference, expected.floor_spend, abs_tol, id)
    }
  })
})

describe("looks", () => {
  it("end with the session in which their share of the cases is reached, and not with fewer than 5 sessions", () => {
    assert.deepStrictEqual(lookEnds([3, 3, 1, 1, 2], [0.1, 0.3, 0.4, 0.6, 1]), [1, 1, 2, 2, 5])
    assert.deepStrictEqual(
      looksOf([3, 49, ...Array<number>(20).fill(1)], [0.1, 0.7, 0.75, 0.85, 1], 0.05, { from: 1 }).map(
        ({ share, to }) => [share, to]
      ),
      [
        [0.85, 12],
        [1, 22]
      ]
    )
    assert.deepStrictEqual(
      looksOf(Array<number>(19).fill(3), [0.2, 0.6, 1], 0.05).map(({ to }) => to),
      [19],
      "few sessions are looked at at once"
    )
  })
  it("spend no more than their error, and almost nothing at first", () => {
    const levels = looksOf(
      Array.from({ length: 100 }, () => 1),
      [0.1, 0.2, 0.4, 0.6, 0.8, 1],
      0.05
    ).map(({ level }) => level)
    assert.isTrue(levels.every((level, i) => level >= 0 && level > (levels[i - 1] ?? -1) && level < 0.05))
    assert.isBelow(levels[0]!, 1e-8)
  })
})

describe("chains of a race", () => {
  it("come with the cheapest member first, each from its strongest configuration down", () => {
    const priced = (model: string, chain: string, rank: number, usdPerCase: number) => ({
      setup: setupOf("table", model, {}),
      chain,
      rank,
      usdPerCase
    })
    const chains = chainsIn([
      priced("a", "x", 1, 3),
      priced("b", "y", 0, 2),
      priced("c", "x", 0, 9),
      priced("d", "z", 0, 1)
    ])
    assert.deepStrictEqual(
      chains.map((chain) => chain.map(({ setup }) => setup.model)),
      [["d"], ["b"], ["c", "a"]]
    )
  })
})
