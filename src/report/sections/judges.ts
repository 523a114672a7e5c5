import * as Effect from "effect/Effect"

import type { JudgeAgreement } from "../../domain/Trials.ts"
import type { Piece, Section } from "../contract.ts"
import { count, percent } from "../figures.ts"
import { foilWords, judgeSentences, kappaOf, peopleKappa } from "../trials.ts"

const confusion = (title: string, other: string, { classes, counts }: JudgeAgreement, source: string): Piece => ({
  _tag: "Table",
  title,
  head: ["The judge says", ...classes.map((one) => `${other}: ${one}`)],
  rows: counts.map((row, at) => [classes[at] ?? "", ...row.map(count)]),
  numeric: classes.map((_, at) => at + 1),
  source
})

/** The judges on trial: how far they agree with themselves, with the deterministic graders, and with people. */
export const judges: Section = {
  id: "judges",
  title: "The judges on trial",
  render: ({ result }) => {
    const all = result.judges ?? []
    const gates = result.standings.flatMap(({ gates, setup }) =>
      gates.flatMap(({ grader, judge }) => (judge === undefined ? [] : [{ grader, judge, setup }]))
    )
    if (all.length === 0 && gates.length === 0) return Effect.succeed([])
    const notes = judgeSentences(result)
    const source = `Rows: judges[] of run ${result.run} (report.json), worked out from evidence in runs/${result.run}/grades.jsonl.`
    const pieces: ReadonlyArray<Piece> = [
      {
        _tag: "Paragraph",
        text: "Answers were graded by models, which err. Inconsistent: the two orders of a pair name different winners; such a pair counts half. Foils: answers that belong to other requests, which a judge must find worse than the originals (half of them at least, or it is unfit). Kappa is agreement beyond chance: 1 is full, 0 none."
      },
      ...(notes.length === 0 ? [] : [{ _tag: "List" as const, items: notes }]),
      ...(all.length === 0
        ? []
        : [
            {
              _tag: "Table" as const,
              head: [
                "Judge",
                "Grader",
                "Judged",
                "No verdict",
                "Inconsistent",
                "First wins (order bias: not 50 %)",
                "Foils caught",
                "Same when asked again",
                "Kappa with graders",
                "Kappa with people"
              ],
              rows: all.map(({ agreement, foils, grader, judge, judged, labels, orders, repeats, ungraded }) => [
                judge,
                grader,
                count(judged),
                count(ungraded),
                orders === null ? "–" : percent(orders.inconsistency),
                orders === null
                  ? "–"
                  : `${percent(orders.firstWins.estimate)} (${percent(orders.firstWins.lower)} to ${percent(orders.firstWins.upper)})`,
                foilWords(foils),
                repeats === null ? "–" : `${count(repeats.same)} of ${count(repeats.cases)}`,
                agreement.map(({ gate, kappa }) => `${gate} ${kappaOf(kappa)}`).join(", ") || "–",
                peopleKappa(labels)
              ]),
              numeric: [2, 3, 4],
              source
            }
          ]),
      ...all.flatMap(({ agreement, judge, labels }) => [
        ...agreement.map((one) => confusion(`${judge} and the grader ${one.gate}`, one.gate, one, source)),
        ...(labels === null ? [] : [confusion(`${judge} and people's labels`, "people", labels, source)])
      ]),
      ...(gates.length === 0
        ? []
        : [
            {
              _tag: "Table" as const,
              title: "What the judges' word is worth for each setup",
              head: ["Setup", "Grader", "Labels", "Judge's error", "Inconsistent", "No verdict", "Talked to the judge"],
              rows: gates.map(({ grader, judge, setup }) => [
                setup.label,
                grader,
                count(judge.labels),
                judge.status === "calibrated" ? "carried into the verdict" : "uncalibrated",
                judge.inconsistency === null ? "–" : percent(judge.inconsistency),
                count(judge.ungraded),
                count(judge.screened)
              ]),
              numeric: [2, 4, 5, 6],
              source: `Rows: standings[].gates[].judge of run ${result.run} (report.json).`
            }
          ])
    ]
    return Effect.succeed(pieces)
  }
}
