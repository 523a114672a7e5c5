import * as Effect from "effect/Effect"
import type { Ending } from "../../domain/Output.ts"
import type { RunResult, StandingDoc } from "../../domain/RunResult.ts"
import type { Renderer } from "../contract.ts"
import { byCost } from "../subject.ts"

/** A number as it stands in the result (exact decimal text of dollars included), or text. `null`: an empty cell. */
type Cell = { readonly number: number | string } | string | null

const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** One cell by RFC 4180. Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers stay numbers. */
export const csvCell = (cell: Cell): string => {
  if (cell === null) return ""
  if (typeof cell === "string") return quoted(/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell)
  const { number } = cell
  // A decimal text is passed on only when it is one: anything else is text after all.
  if (typeof number === "string") return /^-?\d+(\.\d+)?$/.test(number) ? number : csvCell(number)
  return Number.isFinite(number) ? String(number) : ""
}

const number = (value: number | string | null | undefined): Cell => (value == null ? null : { number: value })

/** How cases ended that have an answer, or a limit in its place; empty in results that did not count it. Other endings are the failures. */
const endings = [
  ["ended_complete", "complete"],
  ["ended_truncated", "truncated"],
  ["ended_reasoning", "reasoning"],
  ["ended_refusal", "refusal"],
  ["ended_content_filter", "contentFilter"],
  ["ended_context", "context"],
  ["ended_malformed_tool_call", "malformedToolCall"],
  ["ended_unclear", "unclear"],
  ["ended_rate_limited", "rateLimited"]
] as const satisfies ReadonlyArray<readonly [string, Ending]>

const columns: ReadonlyArray<readonly [string, (standing: StandingDoc, result: RunResult) => Cell]> = [
  ["setup_id", ({ setup }) => setup.id],
  ["setup", ({ setup }) => setup.label],
  ["provider", ({ setup }) => setup.provider],
  ["model", ({ setup }) => setup.model],
  ["verdict", ({ verdict }) => verdict],
  ["cases", ({ cases }) => number(cases)],
  ["difference", ({ difference }) => number(difference.estimate)],
  ["difference_lower", ({ difference }) => number(difference.lower)],
  ["difference_upper", ({ difference }) => number(difference.upper)],
  ["bound", ({ bound }) => number(bound)],
  ["priced_cases", ({ priced }) => number(priced)],
  ["usd_per_case", ({ usdPerCase }) => number(usdPerCase)],
  ["usd", ({ usd }) => number(usd)],
  ["incumbent_usd_per_case", ({ incumbentUsdPerCase }) => number(incumbentUsdPerCase)],
  ["cost_ratio", ({ costRatio }) => number(costRatio?.estimate)],
  ["cost_ratio_lower", ({ costRatio }) => number(costRatio?.lower)],
  ["cost_ratio_upper", ({ costRatio }) => number(costRatio?.upper)],
  ["machine_usd_per_hour", ({ selfHosted }) => number(selfHosted?.usdPerHour)],
  ["machine_utilisation_assumed", ({ selfHosted }) => number(selfHosted?.utilisation)],
  ["machine_cases", ({ selfHosted }) => number(selfHosted?.cases)],
  ["machine_ms_per_case", ({ selfHosted }) => number(selfHosted?.machineMsPerCase)],
  ["machine_cases_per_hour", ({ selfHosted }) => number(selfHosted?.casesPerHour)],
  ["machine_in_flight", ({ selfHosted }) => number(selfHosted?.inFlight)],
  ["machine_tokens_per_second", ({ selfHosted }) => number(selfHosted?.tokensPerSecond)],
  ["usd_per_case_at_25_percent", ({ selfHosted }) => number(selfHosted?.usdPerCaseAt["25"])],
  ["usd_per_case_at_50_percent", ({ selfHosted }) => number(selfHosted?.usdPerCaseAt["50"])],
  ["usd_per_case_at_100_percent", ({ selfHosted }) => number(selfHosted?.usdPerCaseAt["100"])],
  ["latency_p50_ms", ({ latencyMs }) => number(latencyMs?.p50)],
  ["latency_p95_ms", ({ latencyMs }) => number(latencyMs?.p95)],
  ["ttft_p50_ms", ({ timeToFirstToken: time }) => number(time?.setup.p50)],
  ["ttft_p95_ms", ({ timeToFirstToken: time }) => number(time?.setup.p95)],
  ["ttft_cases", ({ timeToFirstToken: time }) => number(time?.setup.cases)],
  ["archived_ttft_p50_ms", ({ timeToFirstToken: time }) => number(time?.archived?.incumbent.p50)],
  ["archived_ttft_p95_ms", ({ timeToFirstToken: time }) => number(time?.archived?.incumbent.p95)],
  ["archived_ttft_cases", ({ timeToFirstToken: time }) => number(time?.archived?.incumbent.cases)],
  ["again_ttft_p50_ms", ({ timeToFirstToken: time }) => number(time?.again?.incumbent.p50)],
  ["again_ttft_p95_ms", ({ timeToFirstToken: time }) => number(time?.again?.incumbent.p95)],
  ["again_ttft_cases", ({ timeToFirstToken: time }) => number(time?.again?.incumbent.cases)],
  ["repaired", ({ repaired }) => number(repaired)],
  ["failed_infrastructure", ({ failed }) => number(failed.infrastructure)],
  ["failed_unsendable", ({ failed }) => number(failed.unsendable)],
  ["failed_budget", ({ failed }) => number(failed.budget)],
  ...endings.map(
    ([name, ending]) =>
      [
        name,
        ({ outcomes }: StandingDoc) => number(outcomes === undefined ? undefined : (outcomes.endings[ending] ?? 0))
      ] as const
  ),
  ["enlarged", ({ outcomes }) => number(outcomes?.enlarged)],
  ["reason", ({ reason }) => reason],
  ["simulated", (_, { archive }) => String(archive.simulated)]
]

/** The standings, one row a setup, cheapest first; differences in [-1,1], money in dollars, unpriced cells empty; `simulated` is `true` where no live model answered. */
export const csv: Renderer = {
  id: "csv",
  file: "report.csv",
  render: ({ result }) => {
    const rows = byCost(result.standings).map((standing) => columns.map(([, cell]) => csvCell(cell(standing, result))))
    return Effect.succeed([columns.map(([name]) => name), ...rows].map((row) => `${row.join(",")}\r\n`).join(""))
  }
}
