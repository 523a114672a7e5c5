import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

import { assert, describe, it } from "@effect/vitest"

import { clusterMean, type Sample } from "./clusterMean.ts"
import * as distributions from "./distributions.ts"
import { inflation, lanDeMets, predictivePower, type Spending, spend } from "./groupSequential.ts"
import { groupsOf } from "./groups.ts"
import { anovaIcc } from "./icc.ts"
import { type MarginDesign, meanClusterSize, minimumMargin, required } from "./planning.ts"
import { predictionPowered } from "./ppi.ts"
import { ratioOfTotals } from "./ratio.ts"
import { roganGladen } from "./roganGladen.ts"
import { collapseStrata } from "./strata.ts"
import { mergeOrders } from "./swap.ts"
import { judge } from "./verdict.ts"
import { saddlepoint, wabbBound, wabbInterval, wabbP } from "./wabb.ts"

// Reference values of an independent implementation (Python, scipy); not part of the repository.
const folder = fileURLToPath(new URL("../../../shared/vectors/", import.meta.url))
const absent = !existsSync(folder)

/** Vectors write infinities and NaN as strings. */
type Num = number | string
interface Columns {
  readonly d: ReadonlyArray<number>
  readonly cluster: ReadonlyArray<number> | null
  readonly stratum?: ReadonlyArray<string> | null
  readonly weight?: ReadonlyArray<number> | null
  readonly W?: ReadonlyArray<number> | null
  readonly rho?: number | null
}

interface Case<Input, Expected> {
  readonly fn: string
  readonly id?: string
  readonly input: Input
  readonly args: ReadonlyArray<number>
  readonly expected: Expected
  readonly abs_tol?: number
}

/** Runs every case of a file, each with its tolerance. */
const each = <Input, Expected>(
  file: string,
  run: (one: Case<Input, Expected>, close: (actual: number, expected: Num, what?: string) => void) => void,
  only: (fn: string) => boolean = () => true
) =>
  it.skipIf(absent)(`meets reference vectors ${file} [needs ../shared]`, () => {
    const { abs_tol, cases } = JSON.parse(readFileSync(`${folder}${file}.json`, "utf8")) as {
      readonly abs_tol: number
      readonly cases: ReadonlyArray<Case<Input, Expected>>
    }
    const mine = cases.filter(({ fn }) => only(fn))
    assert.isAbove(mine.length, 0)
    for (const one of mine) {
      run(one, (actual, expected, what = "") => {
        const wanted = Number(expected)
        const name = `${one.id ?? one.fn} ${what}: ${actual}, not ${expected}`
        if (Number.isFinite(wanted)) assert.isAtMost(Math.abs(actual - wanted), one.abs_tol ?? abs_tol, name)
        else assert.isTrue(Object.is(actual, wanted), name)
      })
    }
  })

const sampleOf = ({ W, cluster, d, rho, stratum, weight }: Columns): Sample => ({
  values: Float64Array.from(d),
  cluster: cluster ?? d.map((_, i) => i),
  ...(stratum && { stratum }),
  ...(weight && { weight: Float64Array.from(weight) }),
  ...(stratum && W && { share: new Map([...new Set(stratum)].sort().map((label, h) => [label, W[h]!])) }),
  ...(typeof rho === "number" && { icc: rho })
})

describe("parity", () => {
  const byName: Readonly<Record<string, (...args: ReadonlyArray<number>) => number>> = {
    normal_quantile: (p) => distributions.normalQuantile(p!),
    normal_cdf: (x) => distributions.normalCdf(x!),
    t_quantile: (p, df) => distributions.tQuantile(p!, df!),
    t_cdf: (x, df) => distributions.tCdf(x!, df!),
    beta_quantile: (p, a, b) => distributions.betaQuantile(p!, a!, b!),
    beta_cdf: (x, a, b) => distributions.betaCdf(x!, a!, b!)
  }
  each<never, number>("01_distributions", ({ args, expected, fn }, close) => {
    const actual = byName[fn]!(...args)
    close(actual, expected)
    assert.isAtMost(Math.abs(actual - expected), 1e-7 * Math.abs(expected), `${fn}(${args}), relative`)
  })

  each<Columns, Record<string, number> & { readonly t95: readonly [number, number] }>(
    "02_cluster_mean",
    ({ expected, input }, close) => {
      const mean = clusterMean(sampleOf(input))
      close(mean.mean, expected["mu"]!, "mean")
      close(mean.variance, expected["V"]!, "variance")
      close(mean.se, expected["se"]!, "se")
      close(mean.df, expected["df"]!, "df")
      close(mean.clusters, expected["G"]!, "clusters")
      close(mean.items, expected["n"]!, "items")
      close(mean.icc, expected["rho"]!, "icc")
      close(mean.effective, expected["n_eff"]!, "effective")
      close(mean.guard, expected["n_guard"]!, "guard")
      close(mean.deff, expected["deff"]!, "deff")
      close(mean.kish, expected["n_kish"]!, "kish")
      const t = distributions.tQuantile(0.975, mean.df)
      close(mean.mean - t * mean.se, expected.t95[0], "t95")
      close(mean.mean + t * mean.se, expected.t95[1], "t95")
      if (mean.se > 0) {
        close(distributions.tSf((mean.mean + 0.05) / mean.se, mean.df), expected["t_pvalue_m005"]!, "t p-value")
      }
    }
  )

  each<{ readonly z: ReadonlyArray<number> }, { readonly r_star: Num }>(
    "03_wabb",
    ({ expected, input }, close) => close(saddlepoint(Float64Array.from(input.z)) + 0, expected.r_star),
    (fn) => fn === "lr_tail"
  )
  each<Columns & { readonly lo: number; readonly hi: number; readonly m: number }, Record<string, number & number[]>>(
    "03_wabb",
    ({ expected, input }, close) => {
      const byT = clusterMean(sampleOf(input))
      for (const [tail, mean] of [
        ["t", byT],
        ["z", { ...byT, df: Infinity }]
      ] as const) {
        close(wabbP(mean, input.m, "lower", input), expected[`p_lower_${tail}`]!, `p lower ${tail}`)
        close(wabbP(mean, input.m, "upper", input), expected[`p_upper_${tail}`]!, `p upper ${tail}`)
        close(wabbBound(mean, 0.05, "lower", input), expected[`lower95_one_sided_${tail}`]!, `lower ${tail}`)
        close(wabbBound(mean, 0.05, "upper", input), expected[`upper95_one_sided_${tail}`]!, `upper ${tail}`)
        const interval = wabbInterval(mean, 0.95, input)
        close(interval.lower, expected[`ci95_${tail}`]![0]!, `interval ${tail}`)
        close(interval.upper, expected[`ci95_${tail}`]![1]!, `interval ${tail}`)
      }
    },
    (fn) => fn === "wabb"
  )

  const verdicts = { PARITY: "parity", SUPERIOR: "parity", BELOW: "inferior", UNDECIDED: "inconclusive" } as const
  each<
    Columns & { readonly delta: number; readonly alpha: number },
    Record<string, number> & { readonly verdict: keyof typeof verdicts }
  >("04_verdict", ({ expected, id, input }, close) => {
    const { cluster, values } = sampleOf(input)
    const judged = judge({ difference: values, cluster, margin: input.delta, alpha: input.alpha })
    assert.strictEqual(judged.verdict, verdicts[expected.verdict], id)
    assert.strictEqual(judged.superior, expected.verdict === "SUPERIOR", id)
    close(judged.pParity, expected["p_parity"]!, "p of parity")
    close(judged.pInferior, expected["p_below"]!, "p of inferior")
    close(judged.pSuperior, expected["p_superior"]!, "p of superior")
    const inferior = judged.verdict === "inferior"
    close(judged.bound, expected[inferior ? "upper" : "lower"]!, "bound")
    const range = { lo: -1, hi: 1 }
    const mean = judged.mean!
    close(wabbBound(mean, input.alpha, "lower", range), expected["lower"]!, "lower")
    close(wabbBound(mean, input.alpha, "upper", range), expected["upper"]!, "upper")
  })

  each<
    {
      readonly times: ReadonlyArray<number>
      readonly alpha: number
      readonly spending: Spending
      readonly gamma: number
    },
    Record<"z" | "nominal_p" | "spend", ReadonlyArray<Num>>
  >(
    "06_group_sequential",
    ({ expected, input }, close) => {
      assert.strictEqual(input.gamma, -2)
      lanDeMets(input.times, input.alpha, input.spending).forEach((z, j) => {
        close(z, expected.z[j]!, `z ${j}`)
        close(distributions.normalSf(z), expected.nominal_p[j]!, `nominal p ${j}`)
        close(spend(input.times[j]!, input.alpha, input.spending), expected.spend[j]!, `spend ${j}`)
      })
    },
    (fn) => fn === "lan_demets"
  )
  each<Record<"z" | "t" | "z_final" | "J" | "alpha" | "power", number> & { readonly spending: Spending }, number>(
    "06_group_sequential",
    ({ expected, fn, input }, close) =>
      close(
        fn === "predictive_power"
          ? predictivePower(input.z, input.t, input.z_final)
          : inflation(input.J, input.alpha, input.power, input.spending),
        expected
      ),
    (fn) => fn !== "lan_demets"
  )

  const designOf = (
    input: Readonly<Record<string, number>> & { readonly sizes?: ReadonlyArray<number> }
  ): MarginDesign => ({
    margin: input["delta"] ?? 0,
    sd: input["sd"]!,
    alpha: input["alpha"] ?? 0.05,
    power: input["power"] ?? 0.8,
    difference: input["true_diff"] ?? 0,
    icc: input["icc"] ?? 0,
    clusterSize: input.sizes ? meanClusterSize(input.sizes) : (input["m_w"] ?? 1),
    looks: input["looks"] ?? 1,
    splits: input["splits"] ?? 1
  })
  each<Parameters<typeof designOf>[0], Num & Readonly<Record<string, Num>>>(
    "09_planning",
    ({ expected, fn, input }, close) => {
      if (fn === "mde") {
        close(minimumMargin(input["n"]!, designOf(input)) ?? NaN, expected)
        return
      }
      const need = required(designOf(input))
      close(need.items, expected["n"]!, "items")
      if (!Number.isFinite(need.items)) return
      close(need.deff, expected["deff"]!, "deff")
      close(need.inflation, expected["inflation"]!, "inflation")
      close(need.itemsByClt, expected["n_clt"]!, "by the central limit theorem")
      close(need.clusters, expected["min_sessions"]!, "clusters")
    }
  )

  each<
    {
      readonly yhat: ReadonlyArray<number>
      readonly labelled: ReadonlyArray<boolean>
      readonly y: ReadonlyArray<number | null>
      readonly cluster: ReadonlyArray<number>
      readonly lam: number | null
    },
    Record<string, number> & Record<"ci95_t" | "ci95_wabb_01", readonly [number, number]>
  >(
    "11_judge",
    ({ expected, input }, close) => {
      const { lambda, mean } = predictionPowered({
        judged: Float64Array.from(input.yhat),
        label: Float64Array.from(input.y, (one, i) => (input.labelled[i] === true ? one! : Number.NaN)),
        cluster: input.cluster,
        ...(input.lam === null ? {} : { lambda: input.lam })
      })
      close(mean.mean, expected["theta"]!, "theta")
      close(lambda, expected["lam"]!, "lambda")
      close(mean.se, expected["se"]!, "se")
      close(mean.guard, expected["wabb_n_guard"]!, "guard")
      close(mean.df, expected["wabb_df"]!, "df")
      const interval = wabbInterval(mean, 0.95, { lo: 0, hi: 1 })
      close(interval.lower, expected.ci95_wabb_01[0], "lower")
      close(interval.upper, expected.ci95_wabb_01[1], "upper")
    },
    (fn) => fn === "ppi_mean"
  )
  each<Record<"q" | "n" | "sens" | "n_sens" | "spec" | "n_spec", number>, Record<string, number>>(
    "11_judge",
    ({ expected, input }, close) => {
      const found = roganGladen({
        rate: input.q,
        items: input.n,
        sensitivity: input.sens,
        passed: input.n_sens,
        specificity: input.spec,
        failed: input.n_spec
      })!
      close(found.estimate, expected["p"]!, "estimate")
      close(found.se, expected["se"]!, "se")
      close(found.lower, expected["lo"]!, "lower")
      close(found.upper, expected["hi"]!, "upper")
    },
    (fn) => fn === "rogan_gladen"
  )
  each<readonly [number, number], readonly [number, boolean]>(
    "11_judge",
    ({ expected, input }, close) => {
      const merged = mergeOrders(...input)
      close(merged.score, expected[0], "score")
      assert.strictEqual(merged.inconsistent, expected[1])
    },
    (fn) => fn === "swap_merge"
  )

  each<
    Record<"num" | "den" | "cluster", ReadonlyArray<number>> & { readonly level: number },
    Record<string, number> & { readonly fieller: readonly [number, number] }
  >(
    "12_ratio_forecast",
    ({ expected, input }, close) => {
      const totals = { numerator: Float64Array.from(input.num), denominator: Float64Array.from(input.den) }
      const ratio = ratioOfTotals(totals, input.cluster, input.level)
      close(ratio.estimate, expected["ratio"]!, "ratio")
      close(ratio.seLog, expected["se_log"]!, "se of the log")
      close(ratio.clusters, expected["G"]!, "clusters")
      close(ratio.effectiveClusters, expected["G_eff"]!, "effective clusters")
      close(ratio.df, expected["df"]!, "df")
      close(ratio.lower, expected["lo"]!, "lower")
      close(ratio.upper, expected["hi"]!, "upper")
      close(ratio.fieller![0], expected.fieller[0], "Fieller")
      close(ratio.fieller![1], expected.fieller[1], "Fieller")
    },
    (fn) => fn === "ratio_ci"
  )

  each<{ readonly e: ReadonlyArray<number>; readonly cluster: ReadonlyArray<number> }, Num>(
    "15_icc",
    ({ expected, input }, close) => close(anovaIcc(Float64Array.from(input.e), groupsOf(input.cluster)), expected)
  )

  each<{ readonly stratum: ReadonlyArray<string>; readonly cluster: ReadonlyArray<number> }, ReadonlyArray<string>>(
    "16_collapse_strata",
    ({ expected, id, input }) => assert.deepStrictEqual(collapseStrata(input.stratum, input.cluster), expected, id)
  )
})
