import type { Usage } from "../domain/Call.ts"
import { type NanoUsd, usd } from "../domain/Money.ts"
import type { Series } from "../domain/Output.ts"
import type { ProviderError } from "../providers/contract.ts"
import type { CallFailed } from "./CallFailed.ts"

/** What every line of the journal says of a call. */
export interface Subject {
  readonly key: string
  readonly account: string
  readonly model: string
  readonly series: Series
  readonly repeat: number
  readonly for: { readonly case: string; readonly setup: string }
}

/** A line of the run's journal. */
export type Line = Readonly<Record<string, unknown>>

const head = (
  event: string,
  { account, for: { case: caseId, setup }, key, model, repeat, series }: Subject,
  now: number
) => ({
  v: 1,
  event,
  at: new Date(now).toISOString(),
  key,
  account,
  model,
  series,
  repeat,
  case: caseId,
  setup
})

/** Durable before the first try goes out; a `sent` without a `paid` or `failed` after it may have been billed. */
export const sentLine = (subject: Subject, now: number): Line => head("sent", subject, now)

/** What the tries of a call took of a machine that is paid by the hour, all together so far: it is known, so nothing of them may be billed besides. */
interface Took {
  readonly took?: NanoUsd
}

const failure = ({ detail, mayBeBilled, reason, status }: ProviderError, took: NanoUsd | undefined) => ({
  reason,
  ...(status === undefined ? {} : { status }),
  detail,
  /** True: the provider may have billed it; what it cost is not known and counts as nothing known, not as nothing. */
  mayBeBilled: mayBeBilled && took === undefined
})

const costOf = (took: NanoUsd | undefined) => (took === undefined ? {} : { usd: usd(took) })

/** One try that got no answer and is made again. */
export const retryLine = (
  subject: Subject,
  now: number,
  error: ProviderError,
  { took, waitMs }: Took & { readonly waitMs: number }
): Line => ({
  ...head("retry", subject, now),
  ...failure(error, took),
  // Not `usd`: the line that ends the call counts it.
  ...(took === undefined ? {} : { usdSoFar: usd(took) }),
  waitMs
})

/** The last try got no answer either. `usd`: what all tries of the call took of a machine that is paid by the hour. */
export const failedLine = (
  subject: Subject,
  now: number,
  error: ProviderError,
  { took, tries }: Took & { readonly tries: number }
): Line => ({
  ...head("failed", subject, now),
  ...failure(error, took),
  ...costOf(took),
  tries
})

/** Given up before another try went out: the account does not answer, or a cap has no room. What was tried before says its own lines. */
export const givenUpLine = (
  subject: Subject,
  now: number,
  why: CallFailed,
  { took, tries }: Took & { readonly tries: number }
): Line => ({
  ...head("failed", subject, now),
  reason: why.kind === "budget" ? "Budget" : "NotAsked",
  detail: why.message,
  mayBeBilled: false,
  ...costOf(took),
  tries
})

/** An answer that is bought and on disk. `usd` is a decimal text; `null`: unpriced. `lost`: reasons of earlier tries that may have been billed too. */
export const paidLine = (
  subject: Subject,
  now: number,
  bought: {
    readonly usage: Usage
    readonly cost: NanoUsd | null
    readonly tries: number
    readonly lost: ReadonlyArray<string>
  }
): Line => ({
  ...head("paid", subject, now),
  usage: bought.usage,
  usd: usd(bought.cost),
  tries: bought.tries,
  ...(bought.lost.length === 0 ? {} : { lost: bought.lost })
})
