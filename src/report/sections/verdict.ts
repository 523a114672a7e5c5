import * as Effect from "effect/Effect"

import type { Piece, Section } from "../contract.ts"
import { judgeSentences } from "../trials.ts"
import { outcomeOf, outcomeWord, policyLines, riskSentence, simulatedSentence, subjectFinding } from "../wording.ts"

/** The finding with all that its claim needs, what a run of this kind gets wrong how often, and which slice goes where. */
export const verdict: Section = {
  id: "verdict",
  title: "What was found",
  render: ({ result }) => {
    const simulated = simulatedSentence(result)
    const reason = result.decision?.reason ?? ""
    const finding = subjectFinding(result) ?? "No setup was tried, so nothing was found."
    const policy = policyLines(result)
    const pieces: ReadonlyArray<Piece> = [
      ...(simulated === undefined
        ? []
        : [{ _tag: "Callout" as const, tone: "note" as const, head: "Note", text: simulated }]),
      { _tag: "Callout", tone: outcomeOf(result), head: outcomeWord(result), text: finding },
      ...(reason === ""
        ? []
        : [{ _tag: "Paragraph" as const, text: `Decided so because: ${reason}${/[.!?]$/.test(reason) ? "" : "."}` }]),
      { _tag: "Paragraph", text: riskSentence(result) },
      ...judgeSentences(result).map((text) => ({
        _tag: "Callout" as const,
        tone: "note" as const,
        head: "Judge",
        text
      })),
      ...(policy.length === 0
        ? []
        : [
            { _tag: "Paragraph" as const, text: "What each slice (task type) of the traffic is to be answered by:" },
            { _tag: "List" as const, items: policy }
          ])
    ]
    return Effect.succeed(pieces)
  }
}
