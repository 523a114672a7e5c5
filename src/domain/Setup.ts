import * as Schema from "effect/Schema"

import { digestOf } from "./digest.ts"

/**
 * The axes of a setup's configuration. A key that is absent has its default, so a new axis changes no existing id.
 * To add one: a line here, and the place that obeys it.
 */
export const Axes = Schema.Struct({
  /** Default: as recorded in the archived request. */
  temperature: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 2 }))),
  topP: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))),
  /** Output tokens at most. Default: as recorded; where the original names none, max(4096, 4 x its output), and once four times that where it cuts the answer. */
  maxTokens: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))),
  reasoningEffort: Schema.optionalKey(Schema.Literals(["none", "minimal", "low", "medium", "high", "xhigh"])),
  /** Repair rounds after failed checks, at most. Default 0. */
  repairs: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10 }))),
  /** Answers drawn at most, one after another, until one passes all checks; the best goes on. Default 1. */
  samples: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 16 })))
})
export type Axes = typeof Axes.Type

/** Values of axes that mean the same as leaving them out. */
const defaults: { readonly [K in keyof Axes]?: Axes[K] } = { repairs: 0, samples: 1 }

/** A model at an account. */
export interface Target {
  /** The provider's name in the suite. */
  readonly provider: string
  readonly model: string
}

/** A judge's score of the answer in [0,1], without any original, is below the threshold, or cannot be read. What it costs is the setup's. */
export interface JudgeRule extends Target {
  readonly judgeBelow: number
  readonly criteria: ReadonlyArray<{ readonly name: string; readonly description: string; readonly weight?: number }>
  /** It may judge answers of its own family of models. Left out: it may not. */
  readonly ownFamily?: true
}

/** A second answer of the same setup is drawn, and is less like the one at hand than this, in [0,1]. */
export interface AgreementRule {
  readonly agreementBelow: number
}

/**
 * When the next setup of a cascade is asked. `checkFailed`: a check fails after the last repair round. `refusal`: the model or its provider's filter
 * refuses. `truncated`: the answer was cut short by a limit of tokens.
 */
export type EscalationRule = "checkFailed" | "refusal" | "truncated" | AgreementRule | JudgeRule

/** To whom a case goes where one of the rules says so; `incumbent`: the incumbent is asked, as for the noise floor. */
export interface Escalation {
  readonly when: ReadonlyArray<EscalationRule>
  readonly to: Setup | "incumbent"
}

/** Where a policy sends the cases of a slice; `incumbent`: they stay. */
export interface Route {
  readonly slice: string
  readonly to: Setup | "incumbent"
}

/** Provider, model and configuration: what is tried. */
export interface Setup {
  readonly id: string
  /** For people: `fleet/small temperature=0 repairs=2`. */
  readonly label: string
  /** The provider's name in the suite, not its kind. */
  readonly provider: string
  readonly model: string
  readonly axes: Axes
  /** Of a cascade: what follows. */
  readonly escalate?: Escalation
  /** Of a policy, which is tried as one setup: who serves each slice. What it does not name stays with the incumbent. */
  readonly routes?: ReadonlyArray<Route>
}

const wordsOf = (rule: EscalationRule): string =>
  typeof rule === "string"
    ? rule
    : "agreementBelow" in rule
      ? `agreement<${rule.agreementBelow}`
      : `${rule.provider}/${rule.model}<${rule.judgeBelow}`

const idOf = (to: Escalation["to"]) => (to === "incumbent" ? to : to.id)

/**
 * Builds a setup; its id is a digest (16 hex digits) of provider, model and the axes that differ from their defaults, and of the rules and the
 * setup that follow in a cascade.
 */
export const setupOf = (provider: string, model: string, axes: Axes, escalate?: Escalation): Setup => {
  const named = Object.entries(axes).filter(
    ([key, value]) => value !== undefined && value !== defaults[key as keyof Axes]
  )
  return {
    id: digestOf({
      provider,
      model,
      ...Object.fromEntries(named),
      ...(escalate === undefined ? {} : { escalate: { when: escalate.when, to: idOf(escalate.to) } })
    }).slice(0, 16),
    label: [`${provider}/${model}`, ...named.map(([key, value]) => `${key}=${value}`)]
      .join(" ")
      .concat(
        escalate === undefined
          ? ""
          : `, on ${escalate.when.map(wordsOf).join(" or ")}: ${escalate.to === "incumbent" ? "incumbent" : escalate.to.label}`
      ),
    provider,
    model,
    axes,
    ...(escalate === undefined ? {} : { escalate })
  }
}

/** A policy as a setup: each slice with who serves it. Its id is a digest of the routes; it has no provider or model of its own. */
export const policyOf = (routes: ReadonlyArray<Route>): Setup => {
  const sorted = [...routes].sort((a, b) => (a.slice < b.slice ? -1 : 1))
  const to = ({ to: target }: Route) => (target === "incumbent" ? target : target.label)
  const groups = [...Map.groupBy(sorted, to)].map(
    ([label, some]) => `${some.map(({ slice }) => slice).join(", ")} -> ${label}`
  )
  return {
    id: digestOf({ routes: sorted.map(({ slice, to: target }) => [slice, idOf(target)]) }).slice(0, 16),
    label: `policy: ${groups.join("; ")}`,
    provider: "",
    model: "",
    axes: {},
    routes: sorted
  }
}

/** A setup and all that follows it in its cascade, in order; of a plain setup itself alone; of a policy, those of all whom it names. */
export const rungsOf = (setup: Setup): ReadonlyArray<Setup | "incumbent"> => {
  if (setup.routes !== undefined) return setup.routes.flatMap(({ to }) => (to === "incumbent" ? [to] : rungsOf(to)))
  const rungs: Array<Setup | "incumbent"> = [setup]
  for (let next = setup.escalate; next !== undefined; next = next.to === "incumbent" ? undefined : next.to.escalate)
    rungs.push(next.to)
  return rungs
}

/** True where a cascade ends in the incumbent. */
export const endsInIncumbent = (setup: Setup): boolean => rungsOf(setup).at(-1) === "incumbent"

/** Every model that may be asked for a case under a setup, each once: its rungs', and its rules' judges'. */
export const targetsOf = (setup: Setup, incumbent: Target): ReadonlyArray<Target> => {
  const all = rungsOf(setup).flatMap((rung): ReadonlyArray<Target> => {
    if (rung === "incumbent") return [incumbent]
    const judges = rung.escalate?.when.flatMap((rule) => (typeof rule === "object" && "judgeBelow" in rule ? rule : []))
    return [rung, ...(judges ?? [])]
  })
  return [...new Map(all.map(({ model, provider }) => [`${provider}/${model}`, { provider, model }])).values()]
}
