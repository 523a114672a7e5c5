import * as Effect from "effect/Effect"

import { type Ask, CallFailed, Calls } from "../calls/Calls.ts"
import type { CaseRow } from "../domain/Case.ts"
import { Fault } from "../domain/Fault.ts"
import { type NanoUsd, usd } from "../domain/Money.ts"
import type { Setup } from "../domain/Setup.ts"
import type { ReadyGrader } from "../evaluate/gates.ts"
import { money } from "../report/figures.ts"
import type { PreparedRun } from "./prepare.ts"

/** What is read of a prepared run. */
export type Judged = Pick<PreparedRun, "accounts" | "caps" | "rows" | "load"> & {
  readonly suite: Pick<PreparedRun["suite"], "file"> & { readonly graders: ReadonlyArray<ReadyGrader> }
}

/** A judge's call that was not made, and the most that it may cost. */
interface Wanted {
  readonly provider: string
  readonly model: string
  readonly worst: NanoUsd
}

/** Cases that are looked at: where none of them can be judged, too few can. */
const looked = 5

/** The cases whose archived calls are shortest, those of unknown length last. */
const shortest = (rows: ReadonlyArray<CaseRow>): ReadonlyArray<CaseRow> => {
  const length = ({ outputTokens, usage }: CaseRow) => (usage.input?.total ?? Number.POSITIVE_INFINITY) + outputTokens
  const first: Array<{ readonly row: CaseRow; readonly tokens: number }> = []
  for (const row of rows) {
    const tokens = length(row)
    if (first.length === looked && tokens >= first[looked - 1]!.tokens) continue
    const place = first.findIndex((one) => tokens < one.tokens)
    first.splice(place === -1 ? first.length : place, 0, { row, tokens })
    first.length = Math.min(first.length, looked)
  }
  return first.map(({ row }) => row)
}

const sumOf = (all: ReadonlyArray<Wanted>): NanoUsd => all.reduce((sum, { worst }) => sum + worst, 0n)

/** What a grader would ask of its judges about a very short answer to a case; nothing is sent. */
const wantedFor = Effect.fnUntraced(function* (grader: ReadyGrader, row: CaseRow, load: Judged["load"]) {
  const calls = yield* Calls
  const wanted: Array<Wanted> = []
  const noting: Calls["Service"] = {
    ...calls,
    ask: ({ embedding, provider, request }: Ask) =>
      Effect.suspend(() => {
        const worst = embedding === true ? null : calls.worstCase(provider, request)
        if (worst !== null) wanted.push({ provider, model: request.model, worst })
        return Effect.fail(
          new CallFailed({ kind: "infrastructure", message: "not asked: only its price is looked at" })
        )
      })
  }
  const { expected, original, ...about } = yield* load(row)
  const output = { ...original, text: original.text === "." ? "," : ".", toolCalls: [] }
  yield* grader.grade({ output, original, expected, case: about }).pipe(Effect.provideService(Calls, noting))
  return wanted
})

/** Dollars rounded up to three digits: an amount that is told is enough. */
const upward = (amount: NanoUsd): NanoUsd => {
  const unit = 10n ** BigInt(Math.max(0, amount.toString().length - 3))
  return ((amount + unit - 1n) / unit) * unit
}

/** The caps that a judge's call counts against, by what they are called. */
const capsOver = ({ caps }: Pick<Judged, "caps">, provider: string) => {
  const own = caps.provider(provider)
  return [
    ...(caps.parts.judge === undefined ? [] : [{ name: "budget.judgeUsd", cap: caps.parts.judge }]),
    ...(caps.run === null ? [] : [{ name: "the budget", cap: caps.run }]),
    ...(own === undefined ? [] : [{ name: `providers.${provider}.budget.usd`, cap: own }])
  ]
}

/**
 * Fails where a cap cannot pay for one call of a judge, whatever the case: every answer would be bought and left ungraded. It looks at the shortest
 * cases. A run whose cases were judged before (`wasAsked`: for a setup, or `judge`, and a case) has its verdicts, and is let through.
 */
export const checkJudgeRoom = Effect.fnUntraced(function* (
  planned: Judged,
  tried: ReadonlyArray<Setup>,
  wasAsked: (setup: string, caseId: string) => boolean
) {
  const { accounts, load, rows, suite } = planned
  const asking = suite.graders.filter(({ asks }) =>
    asks.some(({ embeds, provider }) => embeds !== true && capsOver(planned, provider).length > 0)
  )
  if (tried.length === 0 || asking.length === 0 || rows.some(({ id }) => wasAsked("judge", id))) return
  const cases = shortest(rows)
  for (const grader of asking) {
    const all = yield* Effect.forEach(cases, (row) => wantedFor(grader, row, load)).pipe(
      Effect.provide(Calls.layer({ accounts, budget: null, journal: () => Effect.void }))
    )
    const [least] = all.filter((one) => one.length > 0).sort((a, b) => (sumOf(a) < sumOf(b) ? -1 : 1))
    for (const { model, provider, worst } of least ?? []) {
      const tight = capsOver(planned, provider).find(({ cap }) => worst > cap)
      if (tight === undefined) continue
      const same = least!.filter((one) => one.provider === provider && one.model === model)
      const counted = tight.name.startsWith("providers.") ? least!.filter((one) => one.provider === provider) : least!
      return yield* new Fault({
        kind: "input",
        sentence: `${tight.name} of ${money(usd(tight.cap))} cannot pay for one verdict of judge ${provider}/${model}, which may cost up to ${money(usd(upward(sumOf(same))))}`,
        file: suite.file,
        mend: `Raise ${tight.name} to ${money(usd(upward(sumOf(counted))))} at least, which pays for the verdict of one short answer, or name a cheaper judge.`
      })
    }
  }
})
