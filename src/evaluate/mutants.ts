import type { Answer } from "../domain/Answer.ts"
import { digestOf } from "../domain/digest.ts"
import type { MutantKind } from "../domain/Trials.ts"

/** An original spoilt in one way, which a check should not pass. */
export interface Mutant {
  readonly kind: MutantKind
  readonly answer: Answer
}

/** What tells two answers apart: what they say and call. */
const substance = ({ text, toolCalls }: Answer) =>
  digestOf({ text, calls: toolCalls.map(({ arguments: given, name }) => ({ name, given })) })

/** Whether two answers say and call the same. */
export const sameAnswer = (a: Answer, b: Answer): boolean => substance(a) === substance(b)

/** The first half of a text, by characters as people count them. */
const half = (text: string) => {
  const characters = [...text]
  return characters.slice(0, Math.floor(characters.length / 2)).join("")
}

/**
 * The mutants of an original: a blank answer, another case's answer, the first half of its text, its calls dropped, another's calls in place of
 * its own. `other`: the original of another case; `undefined`: there is none that differs. Mutants equal to the original or to an earlier one are left out.
 */
export const mutantsOf = (original: Answer, other: Answer | undefined): ReadonlyArray<Mutant> => {
  const all: ReadonlyArray<Mutant> = [
    { kind: "blank", answer: { ...original, text: "", toolCalls: [], finish: "end" } },
    ...(other === undefined ? [] : [{ kind: "another", answer: other } as const]),
    { kind: "truncated", answer: { ...original, text: half(original.text) } },
    { kind: "callsDropped", answer: { ...original, toolCalls: [], finish: "end" } },
    ...(other === undefined || other.toolCalls.length === 0 || original.toolCalls.length === 0
      ? []
      : [{ kind: "anothersCalls", answer: { ...original, toolCalls: other.toolCalls } } as const])
  ]
  const seen = new Set([substance(original)])
  return all.filter(({ answer }) => {
    const own = substance(answer)
    const isNew = !seen.has(own)
    seen.add(own)
    return isNew
  })
}
