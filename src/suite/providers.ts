import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { UserPrices } from "../pricing/userRows.ts"
import { Labels } from "./values.ts"

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

/** The schema of an entry under `providers`, for the kinds there are. */
export const providerOf = (kinds: ReadonlyArray<string>) =>
  Schema.Struct({
    kind: Schema.Literals(kinds),
    baseURL: Schema.optionalKey(Address),
    apiKey: Schema.optionalKey(ApiKey),
    concurrency: Schema.Union([Schema.Literal("adaptive"), positiveInt]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("adaptive" as const))
    ),
    prices: Schema.optionalKey(Prices),
    timeoutMs: Schema.optionalKey(positiveInt),
    mayReceive: Schema.optionalKey(Schema.Struct({ labels: Labels }))
  })

/** An entry under `providers`, decoded. */
export type ProviderEntry = ReturnType<typeof providerOf>["Type"]
