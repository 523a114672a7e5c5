import * as Effect from "effect/Effect"

import { forgetSlices } from "../archive/forgetSlices.ts"
import { isPersonLabel } from "../archive/privacy/names.ts"
import { placeholdersOf } from "../archive/privacy/placeholders.ts"
import { Fault } from "../domain/Fault.ts"
import { cell } from "../report/columns.ts"
import { counted } from "../report/figures.ts"
import { Archives } from "../store/Archives.ts"
import { forgetCheckResults } from "../store/CheckResults.ts"
import { forgetRuns, type Going } from "../store/forget.ts"
import { timeOf } from "./timeOf.ts"

/** What is to be removed: everything, or only the calls that fit all that is given. */
export interface Deletion {
  readonly name: string
  readonly dryRun: boolean
  readonly trajectory?: string | undefined
  readonly person?: string | undefined
  readonly before?: string | undefined
}

/** A call that may go, as the index has it. */
interface Candidate {
  readonly id: string
  readonly content: string
  readonly labels: Readonly<Record<string, unknown>>
}

const conditions = {
  /** A run of an agent goes with those of its sub-agents. */
  trajectory: `"trajectoryId" IN (WITH RECURSIVE runs AS (SELECT $trajectory AS run UNION
    SELECT calls."trajectoryId" FROM calls JOIN runs ON calls."parentTrajectoryId" = runs.run WHERE calls."trajectoryId" IS NOT NULL)
    SELECT run FROM runs)`,
  person: `list_has_any(map_values(CAST(labels AS MAP(VARCHAR, VARCHAR))), [$person, $pseudonym])`,
  before: `started < CAST($before AS TIMESTAMP)`
}

const labelsIn = (text: unknown): Candidate["labels"] => {
  const labels: unknown = JSON.parse(String(text ?? "{}"))
  return typeof labels === "object" && labels !== null ? (labels as Candidate["labels"]) : {}
}

/** The calls that a deletion is about. */
const candidatesOf = Effect.fnUntraced(function* ({ before, name, person, trajectory }: Deletion) {
  const archives = yield* Archives
  const placeholders = person === undefined ? undefined : placeholdersOf(yield* archives.key(name))
  const pseudonym = person === undefined ? undefined : placeholders?.person(person)
  const values = {
    ...(trajectory === undefined ? {} : { trajectory }),
    ...(person === undefined || pseudonym === undefined ? {} : { person, pseudonym }),
    ...(before === undefined ? {} : { before: (yield* timeOf(before)).replace("T", " ").replace("Z", "") })
  }
  const asked = (["trajectory", "person", "before"] as const).filter((one) => Object.hasOwn(values, one))
  const rows = yield* archives.query(
    name,
    `SELECT id, "contentDigest" AS content, ${person === undefined ? "NULL" : "CAST(labels AS VARCHAR)"} AS labels FROM calls
    ${asked.length === 0 ? "" : `WHERE ${asked.map((one) => conditions[one]).join(" AND ")}`}`,
    values
  )
  const found = rows.map(
    (row): Candidate => ({ id: String(row["id"]), content: String(row["content"]), labels: labelsIn(row["labels"]) })
  )
  if (placeholders === undefined) return found
  return found.filter(({ labels }) =>
    Object.entries(labels).some(([label, value]) => value === pseudonym || (value === person && isPersonLabel(label)))
  )
})

/** The same, with the contents that no other call of the archive has. */
const goingOf = Effect.fnUntraced(function* (name: string, candidates: ReadonlyArray<Candidate>) {
  const copies = yield* (yield* Archives).query(
    name,
    `SELECT "contentDigest" AS content, count(*) AS calls FROM calls GROUP BY 1 HAVING count(*) > 1`
  )
  const there = new Map(copies.map((row) => [String(row["content"]), Number(row["calls"])]))
  const gone = new Map<string, number>()
  for (const { content } of candidates) gone.set(content, (gone.get(content) ?? 0) + 1)
  const going: Going = {
    calls: new Set(candidates.map(({ id }) => id)),
    contents: new Set(
      [...gone].flatMap(([content, calls]) => (calls < (there.get(content) ?? 1) ? [] : [content.slice(0, 32)]))
    )
  }
  return going
})

const none = ({ before, name, person, trajectory }: Deletion) => {
  const said = [
    ...(trajectory === undefined ? [] : [`of trajectory ${cell(trajectory)}`]),
    ...(person === undefined ? [] : [`with a label that names ${cell(person)}`]),
    ...(before === undefined ? [] : [`before ${before}`])
  ]
  return new Fault({
    kind: "input",
    sentence: `archive ${name} holds no call ${said.join(" ")}`,
    mend:
      person === undefined
        ? `Look at \`understudy archive ${name} --by day\` and \`--sql "SELECT DISTINCT trajectoryId FROM calls"\`.`
        : `Names are compared letter by letter: see \`understudy archive ${name} --by engineer,label:endUser\`.`
  })
}

/** Of results that may quote an archive; none are said nothing of. */
const resultWords = (results: number, would: string) =>
  results === 0
    ? []
    : [
        `${counted(results, "kept result")} of commands ${would} deleted too, of all archives, for they may quote it: commands run again.`
      ]

const elsewhere = "Reports and exports written elsewhere stay; so does what other archives hold."

/**
 * Removes an archive, or the calls of it that fit, with all that came of them: content that no other call uses, index rows, templates, signals; the
 * runs that had a case of them, whole, and the answers that were bought for such cases alone. Answers for other cases stay: they were paid for.
 * What is cut off can be run again, and finishes. `dryRun` says what would go, and removes nothing.
 */
export const deleteFrom = Effect.fn("Runs.deleteFrom")(function* (deletion: Deletion) {
  const { before, dryRun, name, person, trajectory } = deletion
  const archives = yield* Archives
  yield* archives.removable(name)
  const would = dryRun ? "would be" : "is"
  const wouldBe = dryRun ? "would be" : "are"
  const narrowed = person !== undefined || trajectory !== undefined || before !== undefined
  const candidates = narrowed ? yield* candidatesOf(deletion) : []
  if (narrowed && candidates.length === 0) return yield* none(deletion)
  const [row] = narrowed ? yield* archives.query(name, "SELECT count(*) AS calls FROM calls") : []
  const kept = Number(row?.["calls"] ?? candidates.length) - candidates.length

  const results = yield* forgetCheckResults({ dryRun }) // only a cache
  const resultsGone = resultWords(results, results === 1 ? would : wouldBe)

  if (!narrowed || kept === 0) {
    const isDraft = !(yield* archives.names).includes(name)
    const { answers, runs } = yield* forgetRuns(name, { dryRun }) // before the archive: what is cut off can be done again
    if (!dryRun) yield* archives.remove(name)
    return {
      doc: {
        deleted: name,
        ...(narrowed ? { calls: candidates.length, kept } : {}),
        runs,
        answers,
        ...(results === 0 ? {} : { checkResults: results }),
        ...(dryRun ? { dryRun } : {})
      },
      text: `${isDraft ? `What the first import of ${name} had begun` : `Archive ${name}`} ${would} deleted${narrowed ? `, for that is all ${counted(candidates.length, "call")} of it` : ""}, with ${counted(runs, "run")} and ${counted(answers, "answer")}. ${[...resultsGone, elsewhere].join(" ")}`
    }
  }
  const going = yield* goingOf(name, candidates)
  const { answers, runs } = yield* forgetRuns(name, { going, dryRun })
  if (!dryRun) {
    // The calls themselves last: as long as they are there, what is cut off can be done again.
    yield* forgetSlices(name, going.calls)
    yield* archives.rewrite(name, ({ id }) => !going.calls.has(id))
  }
  const untimed =
    before === undefined ? [] : yield* archives.query(name, "SELECT count(*) AS calls FROM calls WHERE started IS NULL")
  const timeless = Number(untimed[0]?.["calls"] ?? 0)
  return {
    doc: {
      archive: name,
      calls: candidates.length,
      kept,
      runs,
      answers,
      ...(results === 0 ? {} : { checkResults: results }),
      ...(dryRun ? { dryRun } : {})
    },
    text: [
      `${counted(candidates.length, "call")} of archive ${name} ${candidates.length === 1 ? would : wouldBe} deleted, with ${counted(runs, "run")} that used them and ${counted(answers, "answer")}; ${counted(kept, "call stays", "calls stay")}.`,
      ...(timeless > 0
        ? [
            `${counted(timeless, "call carries", "calls carry")} no time: whether they are older is not known, and they stay.`
          ]
        : []),
      ...(person === undefined
        ? []
        : ["Texts of other calls may still speak of that person: only calls whose labels name them were looked for."]),
      ...resultsGone,
      elsewhere
    ].join("\n")
  }
})
