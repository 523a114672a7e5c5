import * as Effect from "effect/Effect"

import { type ArchiveSummary, archiveSummary } from "../archive/summary.ts"
import { count, counted, money } from "../report/figures.ts"
import { plainLine } from "../report/plain.ts"
import { Archives } from "../store/Archives.ts"
import { forgetRuns } from "../store/forget.ts"
import { onlyArchive } from "./archives.ts"

const line = (name: string, value: string) => `${name.padEnd(18)}${value}`

/** How many calls are not in a sum. */
const silent = (calls: number) => (calls === 0 ? "" : `; ${counted(calls, "call does", "calls do")} not say`)

/** What an archive holds, as a page of text; foreign text is stripped of control characters. */
const page = (summary: ArchiveSummary): string => {
  const { billed, fidelity, labels, models, sessions, skips, tokens } = summary
  return [
    `Archive ${summary.name}: ${counted(summary.calls, "call")}${summary.from === null ? "" : `, ${summary.from} to ${summary.to}`}`,
    "",
    line("replayable", `${count(fidelity.A)} exactly (A), ${count(fidelity.B)} with supplied or missing parts (B)`),
    line(
      "not replayable",
      `${count(fidelity.C)} incomplete (C), ${count(fidelity.D)} without content (D); ${count(summary.incomplete)} ended in an error or were cut off`
    ),
    line("sessions", `${count(sessions.count)}; ${count(sessions.callsWithout)} calls without one`),
    line(
      "models",
      models
        .map(({ calls, model, provider }) =>
          plainLine(`${provider === null ? "" : `${provider}/`}${model} ${count(calls)}`)
        )
        .join(", ")
    ),
    line(
      "input tokens",
      tokens.callsWithoutInput === summary.calls
        ? "– (no call says)"
        : `${count(tokens.input)}: ${count(tokens.uncachedInput)} uncached, ${count(tokens.cacheRead)} cache reads, ${count(tokens.cacheWrite5m + tokens.cacheWrite1h + tokens.cacheWriteOther)} cache writes${silent(tokens.callsWithoutInput)}`
    ),
    line(
      "output tokens",
      tokens.callsWithoutOutput === summary.calls
        ? "– (no call says)"
        : `${count(tokens.output)}: ${count(tokens.outputText)} text, ${count(tokens.reasoning)} reasoning${tokens.callsWithoutSplit === 0 ? "" : ` (${count(tokens.callsWithoutSplit)} calls do not split it)`}${silent(tokens.callsWithoutOutput)}`
    ),
    line(
      "billed",
      billed.usd === null
        ? "the archive does not say"
        : `${money(billed.usd)} for ${counted(billed.calls, "call")}; ${count(billed.callsWithout)} calls do not say`
    ),
    "",
    "Labels (label:NAME in a suite):",
    ...labels.map(({ calls, common, name, values }) =>
      plainLine(
        `  ${name.padEnd(20)} ${counted(values, "value")} on ${counted(calls, "call")}: ${common.join(", ")}${values > common.length ? ", …" : ""}`
      )
    ),
    ...(skips.length === 0
      ? []
      : ["", "Records not imported:", ...skips.map(({ count: n, reason }) => plainLine(`  ${count(n)} ${reason}`))])
  ].join("\n")
}

/** One page about an archive, or the list of what was not imported. */
export const showArchive = Effect.fn("Runs.archive")(function* (input: {
  readonly name: string | undefined
  readonly skips: boolean
}) {
  const name = yield* onlyArchive(input.name)
  if (!input.skips) {
    const summary = yield* archiveSummary(name)
    return { doc: summary, text: page(summary) }
  }
  const rows = yield* (yield* Archives).query(
    name,
    "SELECT DISTINCT file, line, reason FROM skips ORDER BY file, line, reason"
  )
  const skips = rows.map((row) => ({
    file: String(row["file"]),
    line: Number(row["line"]),
    reason: String(row["reason"])
  }))
  const text = skips.map(({ file, line, reason }) => plainLine(`${file}:${line}: ${reason}`))
  return { doc: { archive: name, skips }, text: text.length === 0 ? "Every record was imported." : text.join("\n") }
})

/** Removes an archive with all that came of it: its runs, and the answers that only they used. Reports that were written elsewhere stay. */
export const deleteArchive = Effect.fn("Runs.deleteArchive")(function* (name: string) {
  const archives = yield* Archives
  yield* archives.removable(name)
  const { answers, runs } = yield* forgetRuns(name) // before the archive: what is cut off can be done again
  yield* archives.remove(name)
  return {
    doc: { deleted: name, runs, answers },
    text: `Archive ${name} is deleted, with ${counted(runs, "run")} and ${counted(answers, "answer")}. Reports written elsewhere stay.`
  }
})
