import { existsSync } from "node:fs"
import { dirname, resolve } from "node:path"

import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import type { CheckContext, Foreman, Learner, Memory } from "../checks/contract.ts"
import { remembering } from "../checks/remembered.ts"
import { digestOf } from "../domain/digest.ts"
import type { Fault } from "../domain/Fault.ts"
import type { Setup } from "../domain/Setup.ts"
import type { Deciding } from "../replay/escalate.ts"
import type { ReadyCheck } from "../replay/replay.ts"
import { loadConfig } from "./config.ts"
import { deciding } from "./deciding.ts"
import { decoded, faultOf, sentences, type Wrong } from "./faults.ts"
import { importDefault } from "./module.ts"
import { loadOwn } from "./own.ts"
import { type PricesByProvider, userPrices } from "./prices.ts"
import { type ProviderEntry, placedProviders } from "./providers.ts"
import { type LoadedGrader, readyOf, type Shelf, shelfOf } from "./ready.ts"
import { type Registries, type Suite, suiteOf, type Usable } from "./schema.ts"
import { expandSetups, wrongSetups } from "./setups.ts"

/** A suite that can be run: checked, its plug-ins made, its paths absolute, what the config says put in. */
export interface LoadedSuite {
  readonly name: string
  /** Absolute path. */
  readonly file: string
  /** Of the texts of the suite's file and of the plug-ins that it names by path; wherever they lie. */
  readonly digest: string
  readonly config: { readonly file: string; readonly digest: string } | null
  /** `paths` are absolute and may hold wildcards. */
  readonly archive: { readonly name: string } | { readonly paths: ReadonlyArray<string>; readonly format?: string }
  readonly cases: Suite["cases"]
  readonly incumbent?: { readonly provider: string; readonly model: string }
  readonly noiseFloor: Suite["noiseFloor"]
  /** By name; a provider that is used by its kind alone (`openai`) may have no entry. */
  readonly providers: Readonly<Record<string, ProviderEntry>>
  /** For the price book. */
  readonly prices: PricesByProvider
  readonly setups: ReadonlyArray<Setup>
  readonly checks: ReadonlyArray<ReadyCheck>
  /** How the rules of cascades are decided. */
  readonly deciding: Deciding
  readonly graders: ReadonlyArray<LoadedGrader>
  /** Of checks that are learnt from past answers: each must be told every case's original before the first check. */
  readonly learners: ReadonlyArray<Learner>
  /** Of checks that need something of the machine: each tells what is not there, as a sentence. */
  readonly needs: ReadonlyArray<Effect.Effect<string | undefined>>
  readonly parity: Suite["parity"]
  /** `auto` where time to first token is not compared; where it is, all is streamed. */
  readonly stream: Suite["stream"]
  readonly refusedParameters: Suite["refusedParameters"]
  readonly checkTrial: Suite["checkTrial"]
  readonly judgeTrial: Suite["judgeTrial"]
  readonly budget?: NonNullable<Suite["budget"]>
  readonly climb: Suite["climb"]
}

/** What loading needs to be told. */
export interface LoadHow {
  readonly registries: Registries
  /** The working folder: a relative suite path and the search for the config start here. */
  readonly cwd: string
  /** A config named by the user, instead of the nearest one. */
  readonly config?: string
  /** What checks said before; left out: they remember nothing of other runs. */
  readonly memory?: Memory
}

const usable = (registries: Registries, shelf: Shelf, missing: ReadonlyArray<string>): Usable => {
  // A path that gave no plug-in is told already; its options are not looked at.
  const absent = missing.map((id) => ({ id, options: Schema.Unknown }))
  const named = (plugins: Shelf["graders"] | Shelf["checks"]) =>
    [...plugins].map(([id, { options }]) => ({ id, options })).concat(absent)
  return { ...registries, graders: named(shelf.graders), checks: named(shelf.checks) }
}

/** What no schema of one place can see. */
const wrongsBetween = (
  suite: Suite,
  shelf: Shelf,
  asked: Suite["graders"],
  file: string,
  providers: Readonly<Record<string, ProviderEntry>>,
  registries: Registries
): ReadonlyArray<Wrong> => {
  const known = new Set([...Object.keys(providers), ...registries.providers.map(({ id }) => id)])
  const references = suite.cases.references?.path
  const withoutEmbeddings = (embeds: boolean | undefined, provider: string): ReadonlyArray<string> => {
    const kind = providers[provider]?.kind ?? provider
    const embedding = registries.providers.filter((one) => one.embeds === true).map(({ id }) => id)
    return embeds === true && !embedding.includes(kind)
      ? [
          `the provider ${provider} is of the kind ${kind}, which has no embeddings: name one of the kind ${embedding.join(", ")}`
        ]
      : []
  }
  const gates = asked.filter(({ report }) => report !== true)
  const never = gates.map(({ options, use }) => shelf.graders.get(use)?.neverAlone?.(options))
  const alone = never.includes(undefined) ? undefined : never[0]
  return [
    ...wrongSetups(suite, known),
    ...asked.flatMap(({ options, use }, i) =>
      (shelf.graders.get(use)?.asks?.(options) ?? []).flatMap(({ embeds, provider }) =>
        known.has(provider)
          ? withoutEmbeddings(embeds, provider).map((message) => ({ path: ["graders", i, "options"], message }))
          : [
              {
                path: ["graders", i, "options"],
                message: `there is no provider ${JSON.stringify(provider)} for its judge: expected ${[...known].map((name) => JSON.stringify(name)).join(" | ")}, or another name that stands under providers`
              }
            ]
      )
    ),
    ...(alone === undefined ? [] : [{ path: ["graders"], message: alone }]),
    ...(gates.length === 0
      ? [{ path: ["graders"], message: "Expected a grader without `report: true`: one at least must decide" }]
      : []),
    ...(suite.timeToFirstToken && suite.stream === false
      ? [
          {
            path: ["timeToFirstToken"],
            message: "only a streamed answer tells it, and the suite says `stream: false`: leave one of them out"
          }
        ]
      : []),
    ...(references === undefined || existsSync(resolve(dirname(file), references))
      ? []
      : [
          {
            path: ["cases", "references", "path"],
            message: `there is no such file: ${resolve(dirname(file), references)}`
          }
        ])
  ]
}

const absoluteArchive = ({ archive }: Suite, folder: string): LoadedSuite["archive"] =>
  archive.name === undefined
    ? {
        paths: (archive.paths ?? []).map((path) => resolve(folder, path)),
        ...(archive.format === undefined ? {} : { format: archive.format })
      }
    : { name: archive.name }

const absoluteCases = ({ cases }: Suite, folder: string): Suite["cases"] =>
  cases.references === undefined
    ? cases
    : { ...cases, references: { ...cases.references, path: resolve(folder, cases.references.path) } }

/**
 * Reads a suite file with the plug-ins and price files it names and the team's config, checks it all and makes it ready.
 * Fails with one `Fault` of kind `input` that lists everything that is wrong, each with its path in the file.
 */
export const loadSuite = Effect.fn("Suite.load")(function* (
  path: string,
  { config: configPath, cwd, memory = remembering(), registries }: LoadHow
): Effect.fn.Return<LoadedSuite, Fault> {
  const file = resolve(cwd, path)
  const folder = dirname(file)
  const { text, value } = yield* importDefault(file, "End it with `export default defineSuite({ … })`.")
  const config = yield* loadConfig(cwd, configPath, registries)
  const { missing, own, wrongs } = yield* loadOwn(file, value)
  const learners: Array<Learner> = []
  const needs: Array<Effect.Effect<string | undefined>> = []
  const foreman: Foreman = {
    learning: (learner) => void learners.push(learner),
    needing: (lack) => void needs.push(lack)
  }
  const shelfWith = (context: CheckContext) => shelfOf(registries, own, context, foreman, missing)
  const shelf = shelfWith({ folder, isolation: "required", memory })
  const failed = (more: ReadonlyArray<Wrong>) => faultOf(file, sentences([...wrongs, ...more], value, "suite"), "suite")
  const suite = yield* decoded(suiteOf(usable(registries, shelf, missing)), value).pipe(Effect.mapError(failed))
  const providers = { ...config?.config.providers, ...placedProviders(file, suite.providers) }
  const context: CheckContext = { folder, isolation: suite.isolation, memory }
  const ready = readyOf(suite, shelfWith(context), context, foreman)
  // The parts of a grader whose file is not there are not known.
  const more = [
    ...wrongsBetween(suite, shelf, missing.length > 0 ? [] : suite.graders, file, providers, registries),
    ...ready.wrongs
  ]
  if (wrongs.length + more.length > 0) return yield* failed(more)
  const prices = yield* userPrices(file, suite.providers, config)
  const budget = suite.budget ?? config?.config.budget
  return {
    name: suite.name,
    file,
    digest: digestOf({ suite: text, own: Object.fromEntries(own.map(({ text, use }) => [use, text])) }),
    config: config === null ? null : { file: config.file, digest: config.digest },
    archive: absoluteArchive(suite, folder),
    cases: absoluteCases(suite, folder),
    ...(suite.incumbent === undefined ? {} : { incumbent: suite.incumbent }),
    noiseFloor: suite.noiseFloor,
    providers,
    prices,
    setups: expandSetups(suite),
    checks: ready.checks,
    deciding,
    graders: ready.graders,
    learners,
    needs,
    parity: suite.parity,
    stream: suite.timeToFirstToken ? true : suite.stream,
    refusedParameters: suite.refusedParameters,
    checkTrial: suite.checkTrial,
    judgeTrial: suite.judgeTrial,
    ...(budget === undefined ? {} : { budget }),
    climb: suite.climb
  }
})
