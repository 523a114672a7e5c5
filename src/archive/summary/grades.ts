import * as Effect from "effect/Effect"

import type { Fidelity } from "../../domain/Call.ts"
import { mendOf, usesOf } from "../hints.ts"
import type { Ask } from "./ask.ts"
import { countIn, type Row, textIn } from "./cells.ts"

type Grade = Fidelity["grade"]

/** Something said of several calls. */
export interface Said {
  readonly text: string
  readonly calls: number
}

/** Calls of one grade of fidelity. */
export interface GradeSummary {
  readonly grade: Grade
  readonly calls: number
  /** What such calls may be used for. */
  readonly usedFor: string
  /** Why they have this grade, the commonest first; a call may have several reasons. */
  readonly reasons: ReadonlyArray<Said>
  /** What to do about it, with the calls that it would mend. */
  readonly mends: ReadonlyArray<Said>
}

/** Reasons of a grade that are listed at most. */
const listed = 50

const gradesSql = "SELECT fidelity, count(*) AS calls FROM calls GROUP BY fidelity"
const reasonsSql = `
  SELECT fidelity, note AS text, CAST(sum(calls) AS BIGINT) AS calls FROM (
    SELECT fidelity, unnest(CAST(notes AS VARCHAR[])) AS note, calls
    FROM (SELECT fidelity, notes, count(*) AS calls FROM calls GROUP BY ALL))
  GROUP BY ALL ORDER BY calls DESC, text`
const partsSql = `
  SELECT fidelity, importer, parts, count(*) AS calls FROM calls GROUP BY ALL`

const isState = (state: unknown): state is Fidelity["parts"][string] => typeof state === "string"

/** What would mend calls whose parts are these, each once. */
const mendsFor = (importer: string, parts: unknown): ReadonlySet<string> =>
  new Set(
    Object.entries(typeof parts === "object" && parts !== null ? parts : {}).flatMap(
      ([part, state]: [string, unknown]) => {
        const mend = isState(state) && state !== "verbatim" ? mendOf({ importer, part, state }) : undefined
        return mend === undefined ? [] : [mend]
      }
    )
  )

const mendsIn = (rows: ReadonlyArray<Row>): ReadonlyArray<Said> => {
  const calls = new Map<string, number>()
  for (const row of rows) {
    const parts: unknown = JSON.parse(textIn(row, "parts") ?? "{}")
    for (const mend of mendsFor(textIn(row, "importer") ?? "", parts)) {
      calls.set(mend, (calls.get(mend) ?? 0) + countIn(row, "calls"))
    }
  }
  return [...calls]
    .map(([text, count]): Said => ({ text, calls: count }))
    .sort((a, b) => b.calls - a.calls || (a.text < b.text ? -1 : 1))
}

/** The calls of an archive by grade, A to D, with the reasons and what can be done about them. */
export const gradesOf = Effect.fnUntraced(function* (ask: Ask) {
  const counts = yield* ask(gradesSql)
  const reasons = yield* ask(reasonsSql)
  const parts = yield* ask(partsSql)
  return (["A", "B", "C", "D"] as const).map((grade): GradeSummary => {
    const of = (rows: ReadonlyArray<Row>) => rows.filter((row) => row["fidelity"] === grade)
    const [row = {}] = of(counts)
    return {
      grade,
      calls: countIn(row, "calls"),
      usedFor: usesOf[grade],
      reasons: of(reasons)
        .slice(0, listed)
        .map((one) => ({ text: textIn(one, "text") ?? "", calls: countIn(one, "calls") })),
      mends: grade === "A" ? [] : mendsIn(of(parts))
    }
  })
})
