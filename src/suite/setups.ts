import * as Schema from "effect/Schema"

import { Axes, type EscalationRule, type Setup, setupOf } from "../domain/Setup.ts"
import type { Wrong } from "./faults.ts"
import { listOf, oneOrMore } from "./values.ts"

const axesOf = Schema.decodeUnknownSync(Axes)
const names = Object.keys(Axes.fields)

/** The axes that a setup may list, computed from {@link Axes}: each a value or several. */
const axes = Object.fromEntries(
  Object.entries(Axes.fields).map(([axis, field]) => [
    axis,
    Schema.optionalKey(oneOrMore<Schema.Codec<unknown, unknown>>(field.schema))
  ])
)

const Threshold = Schema.Finite.check(
  Schema.makeFilter((x: number) => x > 0 && x <= 1, { expected: "a number above 0 and at most 1" })
)

const rule = { agreementBelow: Schema.optionalKey(Threshold), judgeBelow: Schema.optionalKey(Threshold) }
const judge = {
  provider: Schema.optionalKey(Schema.NonEmptyString),
  model: Schema.optionalKey(Schema.NonEmptyString),
  criteria: Schema.optionalKey(
    listOf(
      Schema.Struct({
        name: Schema.NonEmptyString,
        description: Schema.NonEmptyString,
        weight: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThan(0)))
      })
    )
  )
}

const WrittenRule = Schema.Struct({ ...rule, ...judge, ownFamily: Schema.optionalKey(Schema.Boolean) }).check(
  Schema.makeFilter(({ agreementBelow, judgeBelow, ...asked }) => {
    if ((agreementBelow === undefined) === (judgeBelow === undefined))
      return "Expected either `agreementBelow` or `judgeBelow`"
    const missing = Object.keys(judge).find((key) => asked[key as keyof typeof asked] === undefined)
    if (judgeBelow !== undefined) return missing === undefined ? undefined : { path: [missing], issue: "is missing" }
    const idle = Object.keys(asked).find((key) => asked[key as keyof typeof asked] !== undefined)
    return idle === undefined ? undefined : { path: [idle], issue: "goes with `judgeBelow`: agreement asks no judge" }
  })
)

const Rule = Schema.Union([Schema.Literals(["checkFailed", "refusal", "truncated"]), WrittenRule])

const CascadeRung = Schema.Union([
  Schema.Literal("incumbent"),
  Schema.Struct({ provider: Schema.NonEmptyString, model: Schema.NonEmptyString, ...Axes.fields })
])

const Entry = Schema.Struct({
  provider: Schema.optionalKey(Schema.NonEmptyString),
  models: Schema.optionalKey(oneOrMore(Schema.NonEmptyString)),
  ...axes,
  cascade: Schema.optionalKey(Schema.Array(CascadeRung)),
  when: Schema.optionalKey(listOf(Rule))
}).check(
  Schema.makeFilter((entry) => {
    const { cascade, when, ...plain } = entry
    if (cascade === undefined) {
      if (when !== undefined) return { path: ["when"], issue: "goes with `cascade`, and there is none" }
      const missing = (["provider", "models"] as const).find((key) => plain[key] === undefined)
      return missing === undefined ? undefined : { path: [missing], issue: "is missing" }
    }
    const beside = Object.keys(plain)[0]
    if (beside !== undefined)
      return { path: [beside], issue: "does not go beside `cascade`: it stands in each of its setups" }
    if (cascade.length < 2)
      return { path: ["cascade"], issue: "Expected two setups at least, or one and the incumbent" }
    const early = cascade.findIndex((rung, at) => rung === "incumbent" && (at === 0 || at < cascade.length - 1))
    if (early >= 0) return { path: ["cascade", early], issue: "only the last of a cascade may be the incumbent" }
    return when === undefined ? { path: ["when"], issue: "is missing" } : undefined
  })
)

/** The setups of a suite as they are written: axes of a search, or cascades. */
export const Setups = listOf(Entry)

type Written = (typeof Setups)["Type"]

/** Every choice of one value from each list, the last list's values changing fastest. */
const combinations = (lists: ReadonlyArray<readonly [string, ReadonlyArray<unknown>]>): ReadonlyArray<object> =>
  lists.reduce<ReadonlyArray<object>>(
    (rows, [name, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value }))),
    [{}]
  )

const ruleOf = (written: (typeof Rule)["Type"]): EscalationRule => {
  if (typeof written === "string") return written
  const { agreementBelow, criteria = [], judgeBelow, model = "", ownFamily, provider = "" } = written
  if (agreementBelow !== undefined) return { agreementBelow }
  return { judgeBelow: judgeBelow ?? 1, provider, model, criteria, ...(ownFamily === true ? { ownFamily } : {}) }
}

const cascadeOf = (
  rungs: NonNullable<Written[number]["cascade"]>,
  when: ReadonlyArray<EscalationRule>
): ReadonlyArray<Setup> => {
  let next: Setup | "incumbent" | undefined
  for (const rung of rungs.toReversed()) {
    if (rung === "incumbent") next = rung
    else {
      const { model, provider, ...axes } = rung
      next = setupOf(provider, model, axesOf(axes), next === undefined ? undefined : { when, to: next })
    }
  }
  return next === undefined || next === "incumbent" ? [] : [next]
}

/** All setups of a suite: each entry's models with every combination of its axes, or its cascade, in the suite's order, each setup once. */
export const expandSetups = (suite: { readonly setups: Written }): ReadonlyArray<Setup> => {
  const all = suite.setups.flatMap((entry) => {
    const { cascade, models = [], provider = "", when = [] } = entry
    if (cascade !== undefined) return cascadeOf(cascade, when.map(ruleOf))
    const written: Readonly<Record<string, unknown>> = entry
    const lists = names.flatMap((name) => {
      const values = written[name]
      return Array.isArray(values) ? [[name, values] as const] : []
    })
    return models.flatMap((model) => combinations(lists).map((axes) => setupOf(provider, model, axesOf(axes))))
  })
  const first = new Map<string, Setup>()
  for (const setup of all) if (!first.has(setup.id)) first.set(setup.id, setup)
  return [...first.values()]
}

/** What is wrong with setups beside the rest of their suite: `known` are the names of providers; `judges`: rules can ask a judge. */
export const wrongSetups = (
  {
    checks,
    noiseFloor,
    setups
  }: { readonly setups: Written; readonly checks: ReadonlyArray<unknown>; readonly noiseFloor: unknown },
  known: ReadonlySet<string>
): ReadonlyArray<Wrong> => {
  const quoted = [...known].map((name) => JSON.stringify(name)).join(" | ")
  const unknown = (path: Wrong["path"], provider: string | undefined): ReadonlyArray<Wrong> =>
    provider === undefined || known.has(provider)
      ? []
      : [{ path, message: `Expected ${quoted}, or another name that stands under providers` }]
  const idle = (path: Wrong["path"], samples: unknown): ReadonlyArray<Wrong> =>
    checks.length > 0 || samples === undefined || [samples].flat().every((count) => count === 1)
      ? []
      : [{ path, message: "the suite has no checks, and nothing else selects the best of several samples" }]
  return setups.flatMap((entry, i) => {
    const written: Readonly<Record<string, unknown>> = entry
    const rungs = (entry.cascade ?? []).flatMap((rung, at) => {
      const place = ["setups", i, "cascade", at]
      if (rung !== "incumbent")
        return [...unknown([...place, "provider"], rung.provider), ...idle([...place, "samples"], rung.samples)]
      return noiseFloor === "skip"
        ? [{ path: place, message: 'noiseFloor: "skip" says that the incumbent can no longer be asked' }]
        : []
    })
    const rules = (entry.when ?? []).flatMap((rule, at) => {
      const place = ["setups", i, "when", at]
      if (typeof rule !== "string") return unknown([...place, "provider"], rule.provider)
      return rule === "checkFailed" && checks.length === 0
        ? [{ path: place, message: "the suite has no checks, so none can fail" }]
        : []
    })
    return [
      ...unknown(["setups", i, "provider"], entry.provider),
      ...idle(["setups", i, "samples"], written["samples"]),
      ...rungs,
      ...rules
    ]
  })
}
