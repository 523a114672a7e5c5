import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import type { Check } from "../checks/contract.ts"
import type { Grader } from "../graders/contract.ts"
import { extract } from "../graders/extract.ts"
import { Cases } from "./cases.ts"
import { type Kind, Prices, providerOf } from "./providers.ts"
import { Setups } from "./setups.ts"
import { choiceOf, type Plugin } from "./use.ts"
import { Budget, listOf, Name, oneOrMore } from "./values.ts"

/** The plug-ins there are, as values; the schema of a suite follows from them. */
export interface Registries {
  readonly graders: ReadonlyArray<Grader>
  readonly checks: ReadonlyArray<Check>
  readonly providers: ReadonlyArray<Kind>
  readonly importers: ReadonlyArray<{ readonly id: string }>
  /** The first is the default. */
  readonly strategies: readonly [Plugin, ...ReadonlyArray<Plugin>]
}

const share = (above: number, below: number, closed: boolean) =>
  Schema.Finite.check(
    Schema.makeFilter((x: number) => (closed ? x >= above : x > above) && x < below, {
      expected: `a number ${closed ? "from" : "above"} ${above} ${closed ? "to less than" : "and below"} ${below}`
    })
  )

const archiveOf = (formats: ReadonlyArray<string>) =>
  Schema.Struct({
    name: Schema.optionalKey(Name),
    paths: Schema.optionalKey(oneOrMore(Schema.NonEmptyString)),
    format: Schema.optionalKey(Schema.Literals(formats))
  }).check(
    Schema.makeFilter(({ format, name, paths }) => {
      if ((name === undefined) === (paths === undefined))
        return "Expected either `name`, of an imported archive, or `paths`, of files to import"
      return format !== undefined && paths === undefined
        ? { path: ["format"], issue: "Expected with `paths` only: a named archive is imported already" }
        : undefined
    })
  )

const Isolation = Schema.Union([
  Schema.Literals(["required", "none"]),
  Schema.Struct({ container: Schema.Struct({ runtime: Schema.NonEmptyString, image: Schema.NonEmptyString }) })
])

const report = { ...extract, report: Schema.optionalKey(Schema.Boolean) }
const repair = {
  repair: Schema.optionalKey(
    Schema.Struct({
      message: Schema.optionalKey(
        Schema.String.check(
          Schema.makeFilter((text: string) => text.includes("{message}"), {
            expected: "a text with {message} in it, where what the check says goes"
          })
        )
      ),
      limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000 })))
    })
  )
}
/** What an own plug-in is used by, for a message. */
export const ownPath = (folder: string) => `, or the path of your own such as "./${folder}/mine.ts"`

/** What a suite may name, checks among the graders and the user's own by path. */
export interface Usable extends Pick<Registries, "providers" | "importers" | "strategies"> {
  readonly graders: ReadonlyArray<Plugin>
  readonly checks: ReadonlyArray<Plugin>
}

/** The schema of a suite file's default export, computed from what it may name. */
export const suiteOf = (registries: Usable) =>
  Schema.Struct({
    name: Name,
    archive: archiveOf(registries.importers.map(({ id }) => id)),
    cases: Cases.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
    incumbent: Schema.optionalKey(Schema.Struct({ provider: Schema.NonEmptyString, model: Schema.NonEmptyString })),
    noiseFloor: Schema.Union([
      Schema.Literal("skip"),
      Schema.Struct({ repeats: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 20 })) })
    ]).pipe(Schema.withDecodingDefaultKey(Effect.succeed({ repeats: 1 }))),
    providers: providersOf(registries).pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
    setups: Setups,
    checks: Schema.Array(choiceOf("use", registries.checks, repair, ownPath("checks"))).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed([]))
    ),
    graders: listOf(choiceOf("use", registries.graders, report, ownPath("graders"))),
    parity: Schema.Struct({
      margin: share(0, 1, true).pipe(Schema.withDecodingDefaultKey(Effect.succeed(0.05))),
      alpha: share(0, 0.5, false).pipe(Schema.withDecodingDefaultKey(Effect.succeed(0.05)))
    }).pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
    stream: Schema.Union([Schema.Literal("auto"), Schema.Boolean]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("auto" as const))
    ),
    timeToFirstToken: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
    refusedParameters: Schema.Literals(["drop", "refuse"]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("drop" as const))
    ),
    isolation: Isolation.pipe(Schema.withDecodingDefaultKey(Effect.succeed("required" as const))),
    checkTrial: Schema.Struct({
      maxOriginalFailures: share(0, 1, true).pipe(Schema.withDecodingDefaultKey(Effect.succeed(0.5)))
    }).pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
    judgeTrial: Schema.Struct({
      repeats: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 })).pipe(
        Schema.withDecodingDefaultKey(Effect.succeed(20))
      )
    }).pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
    budget: Schema.optionalKey(Budget),
    climb: choiceOf("strategy", registries.strategies, {}).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed({ strategy: registries.strategies[0].id }))
    )
  })

const providersOf = (registries: Pick<Registries, "providers">) => Schema.Record(Name, providerOf(registries.providers))

/** The schema of a config file's default export. */
export const configOf = (registries: Pick<Registries, "providers">) =>
  Schema.Struct({
    providers: providersOf(registries).pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
    prices: Schema.Record(Schema.NonEmptyString, Prices).pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
    budget: Schema.optionalKey(Budget)
  })

/** A suite, decoded: defaults in, paths as they were written. */
export type Suite = ReturnType<typeof suiteOf>["Type"]
/** A config, decoded. */
export type Config = ReturnType<typeof configOf>["Type"]
