import * as Effect from "effect/Effect"

import { scrubbed } from "../../archive/secrets.ts"
import type { Piece, Section, WorstCase } from "../contract.ts"
import { points } from "../figures.ts"
import { subjectOf } from "../subject.ts"
import { subjectSentence } from "../wording.ts"
import { worstQuery } from "../worst.ts"

const most = 3_000

/** The beginning of a long text and how much is left out. */
const cut = (text: string, run: string, caseId: string) =>
  text.length <= most
    ? text
    : `${text.slice(0, most).toWellFormed()}\n… ${text.length - most} more characters; understudy show ${run} ${caseId} has all of it`

const mark = "[removed: looks like a key]"
const marked = () => mark

/** The case with everything shaped like a key masked: a report is passed on, and whoever pasted a key into a prompt did not mean that. */
const masked = (worst: WorstCase): WorstCase => {
  const { answered, asked, original, why } = worst
  return {
    ...worst,
    asked: scrubbed(asked, marked),
    original: scrubbed(original, marked),
    answered: scrubbed(answered, marked),
    why: scrubbed(why, marked)
  }
}
const differs = (a: WorstCase, b: WorstCase) =>
  (["asked", "original", "answered", "why"] as const).some((part) => a[part] !== b[part])

const side = (head: string, text: string, missing: string | undefined) =>
  missing === undefined
    ? text === ""
      ? { head, text: "(empty)", absent: true }
      : { head, text }
    : { head, text: missing, absent: true }

const compare = (worst: WorstCase, at: number, run: string): Piece => {
  const { answered, asked, caseId, grader, missing, original, reference, score, slice, why } = worst
  const plain = (value: number) => points(value).replace(/^\+/, "")
  return {
    _tag: "Compare",
    title: `${at + 1}. Case ${caseId.slice(0, 12)} (${slice}): ${plain(score)} of 100 where the reference has ${plain(reference)}, by grader ${grader}`,
    sides: [
      side("Asked (last user message)", cut(asked, run, caseId), missing?.original),
      side("Why the answer scored so", cut(why, run, caseId), undefined),
      side("Original", cut(original, run, caseId), missing?.original),
      side("Answer of the setup", cut(answered, run, caseId), missing?.answered)
    ]
  }
}

/** The ten cases in which the setup fell furthest behind, side by side with the original. */
export const worst: Section = {
  id: "worst",
  title: "The worst cases",
  render: ({ result, worst: cases, worstMissing }) => {
    const subject = subjectOf(result)
    if (subject === undefined) return Effect.succeed([])
    const told = subjectSentence(result) ?? ""
    if (worstMissing !== undefined) {
      return Effect.succeed([{ _tag: "Paragraph", text: `${told} The worst cases cannot be shown: ${worstMissing}` }])
    }
    if (cases.length === 0) {
      return Effect.succeed([{ _tag: "Paragraph", text: `${told} In no case did it score below its reference.` }])
    }
    const id = subject.standing.setup.id
    const open = cases.map(masked)
    const hidden = cases.filter((one, at) => differs(one, open[at]!))
    return Effect.succeed([
      {
        _tag: "Paragraph",
        text: `${told} The ${cases.length === 1 ? "case" : `${cases.length} cases`} in which it fell furthest behind its reference, the worst first. They are chosen for being bad and say nothing of how often that happens.`
      },
      ...open.map((worst, at) => compare(worst, at, result.run)),
      ...(hidden.length === 0
        ? []
        : [
            {
              _tag: "Paragraph" as const,
              text: `In ${hidden.length === 1 ? "one case" : `${hidden.length} cases`} something shaped like a key or a token was left out, where it says ${mark}; understudy show ${result.run} ${hidden[0]!.caseId} has it as the archive and the answers hold it (an import replaces the secrets that it finds unless it is told to keep them, and answers are kept as they came).`
            }
          ]),
      {
        _tag: "Compare",
        title: "Where these come from",
        sides: [
          {
            head: `runs/${result.run}/grades.jsonl, for each gate as $grader and $setup = '${id}'`,
            text: worstQuery.replace(/^ {2}/gm, "").trim()
          }
        ]
      }
    ])
  }
}
