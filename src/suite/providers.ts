import { dirname, resolve } from "node:path"

import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { decimalText } from "../pricing/decimal.ts"
import { UserPrices } from "../pricing/userRows.ts"
import { Labels, ProviderBudget } from "./values.ts"

const keyName = /^env:[A-Za-z_][A-Za-z0-9_]*$/

/** The value is never repeated: it may be the key itself. */
const ApiKey = Schema.String.check(
  Schema.makeFilter((text: string) => keyName.test(text), {
    message: 'Expected "env:NAME", the environment variable that holds the key; a key itself must not stand in a file'
  })
)

const isAddress = (text: string): boolean => {
  const url = URL.parse(text)
  return (
    url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "" && url.search === ""
  )
}

const Address = Schema.String.check(
  Schema.makeFilter(isAddress, {
    message: 'Expected an http(s) address such as "http://127.0.0.1:8089/v1", without user, password or query'
  })
)

const positiveInt = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

/** Price rows by model, or the path of a JSON file of them. */
export const Prices = Schema.Union([UserPrices, Schema.NonEmptyString])

const amount = (expected: string, fits: (text: string) => boolean) =>
  Schema.Union([Schema.Finite, Schema.String]).check(
    Schema.makeFilter((value) => {
      const text = decimalText(value)
      return text !== undefined && fits(text) ? undefined : `Expected ${expected}, got ${value}`
    })
  )

const CostPerHour = amount("US dollars an hour, zero or more, such as 2.5", (text) => !text.startsWith("-"))
const Utilisation = amount(
  "a share above 0 and at most 1, such as 0.5",
  (text) => text === "1" || /^0\.\d*[1-9]/.test(text)
)

/** What a model can take; what is left out is not known, and tried. */
const Model = Schema.Struct({
  context: Schema.optionalKey(positiveInt),
  maxOutput: Schema.optionalKey(positiveInt),
  vision: Schema.optionalKey(Schema.Boolean),
  tools: Schema.optionalKey(Schema.Boolean),
  jsonSchema: Schema.optionalKey(Schema.Boolean)
})

/** A kind of provider as far as an entry's schema needs to know it. */
export interface Kind {
  readonly id: string
  /** The endpoints that `api` may name; left out: it has but one. */
  readonly apis?: ReadonlyArray<string>
  readonly needs?: ReadonlyArray<"baseURL" | "apiVersion">
  /** Left out: it has no embeddings. */
  readonly embeds?: true
}

const quoted = (words: ReadonlyArray<string>) => words.map((word) => JSON.stringify(word)).join(" | ")

const examples = {
  baseURL: 'the address of its resource, such as "https://NAME.openai.azure.com"',
  apiVersion: 'the version of its API, such as "2024-10-21"'
}

interface Said {
  readonly kind: string
  readonly api?: string
  readonly apiVersion?: string
  readonly baseURL?: string
  readonly costPerHour?: number | string
  readonly utilisation?: number | string
  readonly prices?: unknown
}

/** What an entry says that its kind does not have, or leaves out that it needs. */
const wrongsOf = (kinds: ReadonlyArray<Kind>, said: Said) => {
  const kind = kinds.find(({ id }) => id === said.kind)
  const apis = kind?.apis
  const needs = kind?.needs ?? []
  const having = (has: (one: Kind) => boolean) => quoted(kinds.flatMap((one) => (has(one) ? [one.id] : [])))
  return [
    ...(said.api === undefined || apis?.includes(said.api) === true
      ? []
      : [
          {
            path: ["api"],
            issue:
              apis === undefined
                ? `Expected with kind ${having((one) => one.apis !== undefined)} only: ${said.kind} has one API`
                : `Expected ${quoted(apis)}`
          }
        ]),
    ...(said.apiVersion === undefined || needs.includes("apiVersion")
      ? []
      : [
          {
            path: ["apiVersion"],
            issue: `Expected with kind ${having((one) => one.needs?.includes("apiVersion") === true)} only`
          }
        ]),
    ...(said.costPerHour === undefined || said.prices === undefined
      ? []
      : [
          { path: ["costPerHour"], issue: "Expected without prices: a provider is priced by the hour or by the token" }
        ]),
    ...(said.utilisation === undefined || said.costPerHour !== undefined
      ? []
      : [{ path: ["utilisation"], issue: "Expected with costPerHour only" }]),
    ...needs.flatMap((need) =>
      said[need] === undefined ? [{ path: [need], issue: `Expected with kind "${said.kind}": ${examples[need]}` }] : []
    )
  ]
}

/** The schema of an entry under `providers`, for the kinds there are. */
export const providerOf = (kinds: ReadonlyArray<Kind>) =>
  Schema.Struct({
    kind: Schema.Literals(kinds.map(({ id }) => id)),
    baseURL: Schema.optionalKey(Address),
    /** Which of the kind's endpoints is asked; default: its first. */
    api: Schema.optionalKey(Schema.NonEmptyString),
    apiVersion: Schema.optionalKey(Schema.NonEmptyString),
    apiKey: Schema.optionalKey(ApiKey),
    /** A file of PEM certificates to trust beside Node's own. */
    caFile: Schema.optionalKey(Schema.NonEmptyString),
    concurrency: Schema.Union([Schema.Literal("adaptive"), positiveInt]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("adaptive" as const))
    ),
    prices: Schema.optionalKey(Prices),
    costPerHour: Schema.optionalKey(CostPerHour),
    utilisation: Schema.optionalKey(Utilisation),
    budget: Schema.optionalKey(ProviderBudget),
    timeoutMs: Schema.optionalKey(positiveInt),
    models: Schema.optionalKey(Schema.Record(Schema.NonEmptyString, Model)),
    mayReceive: Schema.optionalKey(Schema.Struct({ labels: Labels }))
  }).check(Schema.makeFilter((entry: Said) => wrongsOf(kinds, entry)))

/** An entry under `providers`, decoded. */
export type ProviderEntry = ReturnType<typeof providerOf>["Type"]

/** The machine of an entry with `costPerHour`, half of its time taken to be used where nothing else is said; `undefined`: it has none. */
export const machineOf = (entry: ProviderEntry | undefined) =>
  entry?.costPerHour === undefined
    ? undefined
    : {
        usdPerHour: decimalText(entry.costPerHour) ?? "",
        utilisation: decimalText(entry.utilisation ?? 0.5) ?? "",
        source: "suite"
      }

/** Entries with the paths in them made absolute: they are relative to the file that they stand in. */
export const placedProviders = (
  file: string,
  entries: Readonly<Record<string, ProviderEntry>>
): Readonly<Record<string, ProviderEntry>> =>
  Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => [
      name,
      entry.caFile === undefined ? entry : { ...entry, caFile: resolve(dirname(file), entry.caFile) }
    ])
  )
