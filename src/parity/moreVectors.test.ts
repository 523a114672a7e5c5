import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

import { assert, describe, it } from "@effect/vitest"

import { type Detector, eDetector, nightEValue } from "./drift.ts"
import { agrapa, anytimeP, eBenjaminiHochberg, eProcess } from "./eProcess.ts"
import { forecastSpend } from "./forecast.ts"
import { fixedSequence, holm, weightedCheapestFirst } from "./multiplicity.ts"
import { clopperPearson, kornGraubard, newcombePaired, tangoInterval, tangoP, tangoZ, wilson } from "./proportions.ts"
import { twoPhase } from "./twoPhase.ts"
import type { Side } from "./wabb.ts"

// Reference values of an independent implementation (Python, scipy); not part of the repository. The rest are in vectors.test.ts.
const folder = fileURLToPath(new URL("../../../shared/vectors/", import.meta.url))
const absent = !existsSync(folder)

interface Case<Input, Expected> {
  readonly fn: string
  readonly input: Input
  readonly expected: Expected
}
type Close = (actual: number, expected: number, what?: string) => void

/** Runs every case of a function in a file, and says how many of the file's cases a group of such runs took. */
const each = <Input, Expected>(
  file: string,
  fn: string | undefined,
  run: (input: Input, expected: Expected, close: Close) => void
): number => {
  const { abs_tol, cases } = JSON.parse(readFileSync(`${folder}${file}.json`, "utf8")) as {
    readonly abs_tol: number
    readonly cases: ReadonlyArray<Case<Input, Expected>>
  }
  const mine = cases.filter((one) => one.fn === fn)
  assert.isAbove(mine.length, 0, `${file} ${fn}`)
  for (const [i, { expected, input }] of mine.entries()) {
    run(input, expected, (actual, wanted, what = "") =>
      assert.isAtMost(Math.abs(actual - wanted), abs_tol, `${fn} ${i} ${what}: ${actual}, not ${wanted}`)
    )
  }
  return mine.length
}
/** One test for a file, all of whose cases must have been run. */
const all = (file: string, run: () => ReadonlyArray<number>) =>
  it.skipIf(absent)(`meets reference vectors ${file} [needs ../shared]`, () => {
    const { cases } = JSON.parse(readFileSync(`${folder}${file}.json`, "utf8")) as {
      readonly cases: ReadonlyArray<unknown>
    }
    assert.strictEqual(
      run().reduce((sum, one) => sum + one, 0),
      cases.length
    )
  })

type Pair = readonly [number, number]
const closePair = (actual: { readonly lower: number; readonly upper: number }, expected: Pair, close: Close) => {
  close(actual.lower, expected[0], "lower")
  close(actual.upper, expected[1], "upper")
}

describe("parity, the rest", () => {
  type Counts = Readonly<Record<"k" | "n" | "level", number>>
  type Tango = Readonly<Record<"b" | "c" | "n" | "level" | "delta0", number>>
  const paired = ({ b, c, n }: Tango) => ({ both: n - b - c, candidateOnly: b, referenceOnly: c, neither: 0 })
  all("05_proportions", () => [
    each<Counts, Pair>("05_proportions", "wilson", ({ k, level, n }, expected, close) =>
      closePair(wilson(k, n, level), expected, close)
    ),
    each<Counts, Pair>("05_proportions", "clopper_pearson", ({ k, level, n }, expected, close) =>
      closePair(clopperPearson(k, n, level), expected, close)
    ),
    each<Readonly<Record<"p" | "n_eff" | "df" | "n" | "level", number>>, Pair>(
      "05_proportions",
      "korn_graubard",
      ({ df, level, n, n_eff, p }, expected, close) =>
        closePair(kornGraubard({ rate: p, items: n, effective: n_eff, df }, level), expected, close)
    ),
    each<Tango, Pair>("05_proportions", "tango_ci", (input, expected, close) => {
      const interval = tangoInterval(paired(input), input.level)
      closePair(interval, expected, close)
      // The interval is the test turned round: at its ends half of the error is left.
      close(tangoP(paired(input), interval.lower, "lower"), (1 - input.level) / 2, "p at the lower end")
      close(tangoP(paired(input), interval.upper, "upper"), (1 - input.level) / 2, "p at the upper end")
    }),
    each<Tango, number>("05_proportions", "tango_z", (input, expected, close) =>
      close(tangoZ(paired(input), input.delta0), expected)
    ),
    each<Readonly<Record<"a" | "b" | "c" | "d" | "level", number>>, Pair>(
      "05_proportions",
      "newcombe_paired",
      ({ a, b, c, d, level }, expected, close) =>
        closePair(newcombePaired({ both: a, candidateOnly: b, referenceOnly: c, neither: d }, level), expected, close)
    )
  ])

  interface Betting {
    readonly Y: ReadonlyArray<number>
    readonly cap: number
    readonly delta: number
    readonly side: Side
    readonly kappa: ReadonlyArray<number>
  }
  interface Path {
    readonly path: ReadonlyArray<number>
    readonly first_ge_20?: number | null
  }
  all("07_e_process", () => [
    each<Betting, Path>("07_e_process", "e_process", ({ cap, delta, kappa, side, Y }, expected, close) => {
      const sums = Float64Array.from(Y)
      const path = eProcess(sums, { margin: delta, side, cap, bets: kappa })
      expected.path.forEach((e, t) => {
        close(path[t]!, e, `step ${t}`)
      })
      const first = path.findIndex((e) => e >= 20)
      assert.strictEqual(first === -1 ? null : first, expected.first_ge_20)
      assert.strictEqual(anytimeP(path) <= 0.05, expected.first_ge_20 !== null)
      // The bets in the file are the ones used where none are given.
      eProcess(sums, { margin: delta, side, cap }).forEach((e, t) => {
        close(e, expected.path[t]!, `own bets, step ${t}`)
      })
    }),
    each<{ readonly x: ReadonlyArray<number>; readonly m: number; readonly c: number }, Path>(
      "07_e_process",
      "agrapa",
      ({ c, m, x }, { path }, close) =>
        agrapa(Float64Array.from(x), m, c).forEach((e, t) => {
          close(e, path[t]!, `step ${t}`)
        })
    ),
    each<{ readonly e: ReadonlyArray<number>; readonly alpha: number }, ReadonlyArray<boolean>>(
      "07_e_process",
      "e_bh",
      ({ alpha, e }, expected) => assert.deepStrictEqual(eBenjaminiHochberg(e, alpha), expected)
    )
  ])

  interface Tests {
    readonly p: ReadonlyArray<number>
    readonly alpha: number
    readonly weights: ReadonlyArray<number>
  }
  all("08_multiplicity", () => [
    each<Tests, ReadonlyArray<boolean>>("08_multiplicity", "holm", ({ alpha, p }, expected) =>
      assert.deepStrictEqual(holm(p, alpha), expected)
    ),
    each<Tests, ReadonlyArray<boolean>>("08_multiplicity", "fixed_sequence", ({ alpha, p }, expected) =>
      assert.deepStrictEqual(fixedSequence(p, alpha), expected)
    ),
    each<Tests, number>("08_multiplicity", "weighted_cheapest_first", ({ alpha, p, weights }, expected) =>
      assert.strictEqual(weightedCheapestFirst(p, alpha, weights), expected)
    )
  ])

  interface Part {
    readonly sk: ReadonlyArray<number>
    readonly s0: ReadonlyArray<number | null>
    readonly has0: ReadonlyArray<boolean>
    readonly cluster: ReadonlyArray<number>
    readonly beta: number | null
  }
  all("10_floor_two_phase", () => [
    each<Part, Readonly<Record<"tau" | "beta" | "se" | "df", number>> & { readonly pseudo: ReadonlyArray<number> }>(
      "10_floor_two_phase",
      undefined,
      ({ beta, cluster, has0, s0, sk }, expected, close) => {
        const found = twoPhase({
          candidate: Float64Array.from(sk),
          reference: Float64Array.from(s0, (one, i) => (has0[i] === true ? one! : Number.NaN)),
          cluster,
          ...(beta === null ? {} : { beta })
        })
        close(found.mean.mean, expected.tau, "difference")
        close(found.beta, expected.beta, "beta")
        close(found.mean.se, expected.se, "se")
        close(found.mean.df, expected.df, "df")
        expected.pseudo.forEach((one, i) => {
          close(found.pseudo[i]!, one, `pseudo-value ${i}`)
        })
      }
    )
  ])

  it.skipIf(absent)("meets reference vectors 12_ratio_forecast, the forecasts [needs ../shared]", () => {
    each<
      Readonly<
        Record<"c0" | "c1" | "vol_month", number> &
          Partial<Record<"growth_q" | "price_decline_q" | "elasticity" | "months" | "fixed", number>>
      >,
      Readonly<Record<"base" | "new" | "new_with_rebound" | "saving" | "saving_with_rebound", number>> & {
        readonly break_even_month: number | null
      }
    >("12_ratio_forecast", "forecast", (input, expected, close) => {
      const found = forecastSpend({
        current: input.c0,
        candidate: input.c1,
        volume: input.vol_month,
        growth: input.growth_q ?? 0,
        decline: input.price_decline_q ?? 0,
        elasticity: input.elasticity ?? 0,
        months: input.months ?? 12,
        switching: input.fixed ?? 0
      })
      close(found.current, expected.base, "current")
      close(found.candidate, expected.new, "candidate")
      close(found.candidateWithRebound, expected.new_with_rebound, "with rebound")
      close(found.saving, expected.saving, "saving")
      close(found.savingWithRebound, expected.saving_with_rebound, "saving with rebound")
      assert.strictEqual(found.breakEvenMonth, expected.break_even_month)
    })
  })

  all("13_drift", () => [
    each<{ readonly L: ReadonlyArray<number>; readonly kind: Detector }, ReadonlyArray<number>>(
      "13_drift",
      "e_detector",
      ({ kind, L }, expected, close) =>
        eDetector(L, kind).forEach((one, night) => {
          close(one, expected[night]!, `${kind}, night ${night}`)
        })
    ),
    each<Readonly<Record<"cap" | "kappa" | "eta", number>> & { readonly Y: ReadonlyArray<number> }, number>(
      "13_drift",
      "night_e_value",
      ({ cap, eta, kappa, Y }, expected, close) =>
        close(nightEValue(Float64Array.from(Y), { bet: kappa, tolerance: eta, cap }), expected)
    )
  ])
})
