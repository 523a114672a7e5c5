/** One answer to a request, by the digests of the output's text, the original's and the request. */
export interface Given {
  readonly text: string
  readonly original: string
  readonly request: string
}

/** Different requests that one text may answer before it is taken for a constant. */
const most = 5

/**
 * The places of answers that are one text given to more than five different requests whose originals differ: an answer that looks at no
 * question. Where the originals repeat themselves as well, as labels do, a text that comes back is no such answer.
 */
export const constantAnswers = (given: ReadonlyArray<Given>): ReadonlyArray<number> => {
  const places = Map.groupBy(given.keys(), (at) => given[at]!.text)
  return [...places.values()]
    .filter((same) => {
      const requests = new Set(same.map((at) => given[at]!.request)).size
      const originals = new Set(same.map((at) => given[at]!.original)).size
      return requests > most && originals > most && 2 * originals > requests
    })
    .flat()
    .sort((a, b) => a - b)
}
