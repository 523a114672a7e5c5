import type { CallRequest } from "../../domain/Call.ts"
import { digestOf, digestOfText } from "../../domain/digest.ts"
import type { Block } from "../../domain/Message.ts"
import type { GradeInput } from "../contract.ts"

/** One answer to a request, by the digests of the output's text, the original's and the request. */
export interface Given {
  readonly text: string
  readonly original: string
  readonly request: string
  /** Of the output's text without the ids and numbers of its own request; left out where hardly a word is left, as of labels and figures. */
  readonly shape?: string
  /** Of the original's text without the same, however much is left. */
  readonly originalShape?: string
}

/** Different requests that one text may answer before it is taken for a constant. */
const most = 5
/** Words that must be left of a text without ids and numbers for it to be compared with others. */
const fewestWords = 4

const token = /[\p{L}\p{N}_-]*\p{N}[\p{L}\p{N}_-]*/gu

const textIn = (block: Block): string =>
  block.type === "text"
    ? block.text
    : block.type === "tool_result"
      ? block.content.map(textIn).join("\n")
      : block.type === "tool_use"
        ? JSON.stringify(block.input)
        : ""

/** Pieces of a request that have a digit in them, as ids and numbers have. */
const idsIn = ({ messages }: Pick<CallRequest, "messages">): ReadonlySet<string> =>
  new Set(
    messages.flatMap(({ blocks }) =>
      blocks.flatMap((block) => (textIn(block).match(token) ?? []).map((one) => one.toLowerCase()))
    )
  )

/** A text without the ids and numbers of its request, spaces evened out. A number that the request does not have is something said. */
const shapeOf = (text: string, ids: ReadonlySet<string>): string =>
  text
    .replace(token, (one) => (ids.has(one.toLowerCase()) ? " " : one))
    .replace(/\s+/g, " ")
    .trim()

/** What is kept of an answer, the original and the request, to find answers that are one text throughout. */
export const givenOf = ({
  case: { request },
  original,
  output
}: {
  readonly output: Pick<GradeInput["output"], "text">
  readonly original: Pick<GradeInput["original"], "text">
  readonly case: { readonly request: Pick<CallRequest, "messages"> }
}): Given => {
  const given = {
    text: digestOfText(output.text.trim()),
    original: digestOfText(original.text.trim()),
    request: digestOf(request.messages)
  }
  const ids = idsIn(request)
  const shape = shapeOf(output.text, ids)
  return (shape.match(/\p{L}+/gu) ?? []).length < fewestWords
    ? given
    : { ...given, shape: digestOfText(shape), originalShape: digestOfText(shapeOf(original.text, ids)) }
}

/** The places of one text that is given to many requests whose originals differ, by what tells texts and originals apart. */
const repeated = (
  given: ReadonlyArray<Given>,
  text: (one: Given) => string | undefined,
  original: (one: Given) => string | undefined
): ReadonlyArray<number> => {
  const places = Map.groupBy(given.keys(), (at) => text(given[at]!))
  places.delete(undefined)
  return [...places.values()]
    .filter((same) => {
      const requests = new Set(same.map((at) => given[at]!.request)).size
      const originals = new Set(same.map((at) => original(given[at]!))).size
      return requests > most && originals > most && 2 * originals > requests
    })
    .flat()
}

/**
 * The places of answers that are one text given to more than five different requests whose originals differ: an answer that looks at no
 * question. Where the originals repeat themselves as well, as labels do, a text that comes back is no such answer. A text that only says the
 * number or the id of its own request again is one text too; originals are then taken without theirs.
 */
export const constantAnswers = (given: ReadonlyArray<Given>): ReadonlyArray<number> =>
  [
    ...new Set([
      ...repeated(
        given,
        ({ text }) => text,
        ({ original }) => original
      ),
      ...repeated(
        given,
        ({ shape }) => shape,
        ({ originalShape }) => originalShape
      )
    ])
  ].sort((a, b) => a - b)
