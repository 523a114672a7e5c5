import type { Whole } from "../archive/summary/cells.ts"
import type { Amount } from "../archive/summary/money.ts"
import type { ArchiveSummary } from "../archive/summary.ts"
import { cell, columns } from "../report/columns.ts"
import { count, counted, money, percent } from "../report/figures.ts"

/** A sum of tokens as people read it. */
const whole = (value: Whole): string =>
  typeof value === "number" ? count(value) : value.replace(/\B(?=(\d{3})+$)/g, ",")

const told = (sum: Whole | null): string => (sum === null ? "–" : whole(sum))

/** A sum over calls of which `silent` do not tell; a dash where none does. */
export const known = (sum: Whole, calls: number, silent: number): string =>
  told(calls > 0 && silent >= calls ? null : sum)

/** Bytes as people read them: `812 KB`, `1.4 GB`. */
export const bytes = (size: number): string => {
  const unit = ["B", "KB", "MB", "GB", "TB"].find((_, at) => size < 1000 ** (at + 1)) ?? "PB"
  const value = size / 1000 ** ["B", "KB", "MB", "GB", "TB", "PB"].indexOf(unit)
  return `${unit === "B" || value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`
}

const line = (name: string, value: string) => `${name.padEnd(16)}${value}`
const day = (time: string) => time.slice(0, 10)
/** An amount as people read it; a dash where it is not known. */
export const dollars = ({ usd }: Amount) => (usd === null ? "–" : money(usd))

/** How many calls are not in a sum. */
const silent = (calls: number) => (calls === 0 ? "" : `; ${counted(calls, "call does", "calls do")} not say`)

const headOf = ({ calls, days, from, name, sessions, to, trajectories, untimed }: ArchiveSummary) => {
  const period = from === null || to === null ? "no call carries a time" : `${day(from)} to ${day(to)} (${days} days)`
  const without = untimed > 0 && from !== null ? `; ${counted(untimed, "call carries", "calls carry")} no time` : ""
  return `Archive ${name}: ${counted(calls, "call")}, ${counted(trajectories.count, "trajectory", "trajectories")}, ${counted(sessions.count, "session")}${sessions.callsWithout > 0 ? ` (${counted(sessions.callsWithout, "call")} in none)` : ""}; ${period}${without}`
}

/** Reasons and models that a line names. */
const named = 3

/** How many there are beyond those shown. */
export const more = (all: ReadonlyArray<unknown>, shown: number) =>
  all.length > shown ? `, and ${all.length - shown} more` : ""

const billedLine = ({ billed, calls }: ArchiveSummary) => {
  if (billed.usd === null) return line("billed", "the archive does not say")
  const who = Object.keys(billed.bases).join(", ")
  const of = billed.callsWithout === 0 ? counted(calls, "call") : `${count(billed.calls)} of ${counted(calls, "call")}`
  return line("billed", `${money(billed.usd)} for ${of}, as recorded (${who})${silent(billed.callsWithout)}`)
}

const listLine = ({ calls, repriced }: ArchiveSummary) => {
  const why = repriced.unpriced
    .slice(0, named)
    .map(({ calls, model, reason }) => `${cell(model, 40)} ${count(calls)} (${reason})`)
    .join(", ")
  const without =
    repriced.callsWithout === 0
      ? ""
      : `; ${count(repriced.callsWithout)} unpriced: ${why}${more(repriced.unpriced, named)}`
  return line(
    "at list prices",
    repriced.usd === null
      ? `no call has a price${without}`
      : `${money(repriced.usd)} for ${count(repriced.calls)} of ${counted(calls, "call")}${without}`
  )
}

const yearLine = ({ forecast: { billed, repriced } }: ArchiveSummary) => {
  const basis = billed.basis ?? repriced.basis
  if (basis === null) return line("a year", `not known: ${repriced.reason}`)
  const amounts = [
    billed.usdPerYear === null ? `billed not known (${billed.reason})` : `${money(billed.usdPerYear)} billed`,
    repriced.usdPerYear === null
      ? `list prices not known (${repriced.reason})`
      : `${money(repriced.usdPerYear)} at list prices`
  ]
  const left = [
    [billed.basis?.callsWithout ?? 0, "no bill"],
    [repriced.basis?.callsWithout ?? 0, "no list price"]
  ] as const
  const missing = left.flatMap(([calls, what]) => (calls === 0 ? [] : [`${count(calls)} calls of it have ${what}`]))
  return line(
    "a year",
    `${amounts.join(", ")}: the rate of ${day(basis.from)} to ${day(basis.to)} x 365${missing.length === 0 ? "" : `; ${missing.join(", ")}`}`
  )
}

const tokenLines = ({ calls, tokens }: ArchiveSummary): ReadonlyArray<string> => {
  const apart = (silentCalls: number, sum: Whole) =>
    silentCalls === 0 ? "" : `, ${whole(sum)} not told apart (${counted(silentCalls, "call")})`
  const noInput = tokens.callsWithoutInput === calls
  return [
    line(
      "input tokens",
      noInput
        ? "– (no call says)"
        : `${whole(tokens.input)} = ${whole(tokens.prompt)} prompt + ${whole(tokens.context)} context carried along${apart(tokens.callsWithoutContext, tokens.inputUnsplit)}${silent(tokens.callsWithoutInput)}`
    ),
    line(
      "output tokens",
      tokens.callsWithoutOutput === calls
        ? "– (no call says)"
        : `${whole(tokens.output)} = ${whole(tokens.outputText)} text + ${whole(tokens.reasoning)} reasoning${apart(tokens.callsWithoutSplit, tokens.outputUnsplit)}${silent(tokens.callsWithoutOutput)}`
    ),
    ...(noInput
      ? []
      : [
          line(
            "input billed as",
            `${whole(tokens.uncachedInput)} uncached, ${whole(tokens.cacheRead)} cache read, cache write ${whole(tokens.cacheWrite5m)} (5 min) ${whole(tokens.cacheWrite1h)} (1 h) ${whole(tokens.cacheWriteOther)} (other)`
          )
        ])
  ]
}

const fidelityLines = ({ calls, grades, incomplete }: ArchiveSummary): ReadonlyArray<string> => [
  `Fidelity${incomplete > 0 ? ` (${counted(incomplete, "call")} ended in an error or were cut off)` : ""}`,
  ...grades
    .filter((grade) => grade.calls > 0)
    .flatMap(({ calls: n, grade, mends: [mend], reasons, usedFor }) => [
      `  ${grade} ${count(n)} (${percent(n / calls)}): ${usedFor}`,
      ...(grade === "A"
        ? []
        : reasons.slice(0, 2).map(({ calls: said, text }) => `      ${count(said)} ${cell(text, 90)}`)),
      ...(mend === undefined ? [] : [`      mend (${counted(mend.calls, "call")}): ${cell(mend.text, 160)}`])
    ])
]

/** Lines of a table, the heading and what was left out with it. */
const tableOf = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  left: number,
  what: string
): ReadonlyArray<string> => {
  if (rows.length === 0) return []
  const right = head.flatMap((_, at) => (at === 0 ? [] : [at]))
  const [first = "", ...lines] = columns([head, ...rows], { right, most: 40 })
  return ["", first, ...lines, ...(left > 0 ? [`… ${counted(left, what)} more (--json lists them)`] : [])]
}

/** What a share is of: a sum of both kinds of amounts is called by neither. */
const shareOf = ({ leading, ranked }: ArchiveSummary) =>
  ranked.byOther > 0 ? "of spend" : leading === "repriced" ? "of list" : "of billed"

/** Says so where shares and ranks go by amounts of both kinds. */
const mixedLines = ({ leading, ranked }: ArchiveSummary): ReadonlyArray<string> =>
  ranked.byOther === 0
    ? []
    : [
        "",
        `Shares and ranks go by ${leading === "repriced" ? "list prices" : "what was billed"}; ${counted(ranked.byOther, "call has", "calls have")} none, and count${ranked.byOther === 1 ? "s" : ""} with ${leading === "repriced" ? "what was billed" : "the list price"}.`
      ]

const slicesTable = (summary: ArchiveSummary) => {
  const { slices } = summary
  return slices.length < 2
    ? []
    : tableOf(
        ["slice", "calls", "of calls", "billed", "at list prices", shareOf(summary)],
        slices
          .slice(0, 6)
          .map((part) => [
            part.slice,
            count(part.calls),
            percent(part.shareOfCalls),
            dollars(part.billed),
            dollars(part.repriced),
            part.shareOfSpend === null ? "–" : percent(part.shareOfSpend)
          ]),
        slices.length - 6,
        "slice"
      )
}

const modelsTable = ({ models }: ArchiveSummary) =>
  tableOf(
    ["model", "calls", "tokens in", "tokens out", "billed", "at list prices"],
    models
      .slice(0, 5)
      .map((part) => [
        `${part.provider === null ? "" : `${part.provider}/`}${part.model}`,
        count(part.calls),
        told(part.tokens.input),
        told(part.tokens.output),
        dollars(part.billed),
        dollars(part.repriced)
      ]),
    models.length - 5,
    "model"
  )

const monthsTable = ({ months }: ArchiveSummary) =>
  tableOf(
    ["month", "calls", "tokens in", "tokens out", "billed", "at list prices"],
    months
      .slice(-6)
      .map((part) => [
        part.month ?? "no time",
        count(part.calls),
        told(part.tokens.input),
        told(part.tokens.output),
        dollars(part.billed),
        dollars(part.repriced)
      ]),
    months.length - 6,
    "month"
  )

const sessionsTable = ({ topSessions }: ArchiveSummary) =>
  tableOf(
    ["dearest session", "calls", "billed", "at list prices", "engineer", "project"],
    topSessions
      .slice(0, 5)
      .map((part) => [
        part.session,
        count(part.calls),
        dollars(part.billed),
        dollars(part.repriced),
        part.engineer ?? "–",
        part.project ?? "–"
      ]),
    0,
    "session"
  )

const outcomeLines = ({ outcomes }: ArchiveSummary): ReadonlyArray<string> =>
  outcomes.length === 0
    ? []
    : [
        "",
        ...outcomes
          .slice(0, 5)
          .map(({ count: n, mean, name, source }) =>
            cell(
              `outcome ${name} (${source}): ${counted(n, "signal")}${mean === null ? "" : `, mean ${Number(mean.toPrecision(4))}`}`,
              100
            )
          ),
        ...(outcomes.length > 5 ? [`… ${counted(outcomes.length - 5, "outcome")} more (--json lists them)`] : [])
      ]

/** Labels that a page lists. */
export const listedLabels = 8

const labelLines = ({ labels }: ArchiveSummary): ReadonlyArray<string> => {
  const byCalls = [...labels].sort((a, b) => b.calls - a.calls || (a.name < b.name ? -1 : 1)).slice(0, listedLabels)
  return labels.length === 0
    ? []
    : [
        "",
        "Labels (label:NAME in a suite and in --by):",
        ...byCalls.map(({ calls, common, name, sampled, values }) =>
          cell(
            `  ${name.padEnd(20)} ${sampled ? "about " : ""}${counted(values, "value")} on ${counted(calls, "call")}: ${common.map((value) => cell(value, 24)).join(", ")}${values > common.length ? ", …" : ""}`,
            120
          )
        ),
        ...(labels.length > listedLabels ? [`  … ${count(labels.length - listedLabels)} more (--json lists them)`] : [])
      ]
}

const skipLines = ({ name, skips }: ArchiveSummary): ReadonlyArray<string> =>
  skips.length === 0
    ? []
    : [
        "",
        `Records not imported (understudy archive ${name} --skips lists each):`,
        ...skips.slice(0, named).map(({ count: n, reason }) => cell(`  ${count(n)} ${reason}`, 100)),
        ...(skips.length > named ? [`  … ${counted(skips.length - named, "reason")} more`] : [])
      ]

/** What an archive holds, as a page of text; foreign text is stripped of control characters, and cut. */
export const archivePage = (summary: ArchiveSummary): string => {
  const { blobs, content, index } = summary.disk
  return [
    headOf(summary),
    "",
    billedLine(summary),
    listLine(summary),
    yearLine(summary),
    ...tokenLines(summary),
    line(
      "disk",
      `${bytes(content + blobs + index)} (${bytes(content)} text, ${bytes(blobs)} media, ${bytes(index)} index)`
    ),
    "",
    ...fidelityLines(summary),
    ...slicesTable(summary),
    ...modelsTable(summary),
    ...monthsTable(summary),
    ...sessionsTable(summary),
    ...mixedLines(summary),
    ...outcomeLines(summary),
    ...labelLines(summary),
    ...skipLines(summary)
  ].join("\n")
}
