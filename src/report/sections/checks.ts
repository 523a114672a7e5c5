import * as Effect from "effect/Effect"

import type { Piece, Section } from "../contract.ts"
import { count } from "../figures.ts"
import { checkSentences, mutantWords } from "../trials.ts"
import { learntPieces } from "./learnt.ts"

/** The checks on trial: what they say of the originals, which should pass, and of originals spoilt on purpose, which should not. */
export const checks: Section = {
  id: "checks",
  title: "The checks on trial",
  render: ({ result }) => {
    const all = result.checks ?? []
    const learnt = learntPieces(result)
    if (all.length === 0) return Effect.succeed(learnt)
    const kinds = mutantWords.filter(([kind]) => all.some(({ mutants }) => mutants.some((one) => one.kind === kind)))
    const notes = all.flatMap(checkSentences)
    const pieces: ReadonlyArray<Piece> = [
      {
        _tag: "Paragraph",
        text: "Every check was run on the archived answers before anything was bought, and on some of them spoilt on purpose. A check that archived answers fail is at odds with what was accepted; one that passes whatever it is given guards nothing."
      },
      ...(notes.length === 0 ? [] : [{ _tag: "List" as const, items: notes }]),
      {
        _tag: "Table",
        title: "Archived answers by check",
        head: ["Check", "Tried", "Passed", "Failed", "Check broken", "Nothing to check"],
        rows: all.map(({ originals, use }) => [
          use,
          count(originals.tried),
          count(originals.passed),
          count(originals.failed),
          count(originals.broken),
          count(originals.notApplicable)
        ]),
        numeric: [1, 2, 3, 4, 5],
        source: `Rows: checks[].originals of run ${result.run} (report.json).`
      },
      ...(kinds.length === 0
        ? []
        : [
            {
              _tag: "Table" as const,
              title: "Spoilt answers caught, of those tried",
              head: ["Check", ...kinds.map(([, word]) => word)],
              rows: all.map(({ mutants, use }) => [
                use,
                ...kinds.map(([kind]) => {
                  const found = mutants.find((one) => one.kind === kind)
                  return found === undefined ? "–" : `${count(found.caught)} of ${count(found.tried)}`
                })
              ]),
              numeric: kinds.map((_, at) => at + 1),
              source: `Rows: checks[].mutants[] of run ${result.run} (report.json).`
            }
          ]),
      ...learnt
    ]
    return Effect.succeed(pieces)
  }
}
