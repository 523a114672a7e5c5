import { Fault } from "../domain/Fault.ts"
import type { Said } from "../domain/Trials.ts"
import { csvCell } from "../report/renderers/csv.ts"
import { saidOf } from "./labelSample.ts"

/** A pair as a person sees it. */
export interface Shown {
  readonly pair: string
  /** What a person sees of it. */
  readonly id: string
  readonly outputFirst: boolean
  readonly request: string
  readonly first: string
  readonly second: string
}

const head = ["id", "request", "first", "second", "label"] as const

/** Pairs to be labelled in a spreadsheet (RFC 4180): `label` is left empty, to be filled with 1, 2 or tie. */
export const csvOf = (pairs: ReadonlyArray<Shown>): string =>
  [[...head], ...pairs.map(({ first, id, request, second }) => [id, request, first, second, ""])]
    .map((row) => `${row.map(csvCell).join(",")}\r\n`)
    .join("")

/** Records of a CSV text with the line that each begins on, from 1. Quotes that are not closed are a `Fault` without a file. */
export const recordsOf = (
  text: string
): ReadonlyArray<{ readonly line: number; readonly cells: ReadonlyArray<string> }> => {
  const records: Array<{ line: number; cells: Array<string> }> = []
  const source = text.replace(/^\uFEFF/, "")
  let [line, at] = [1, 0]
  while (at < source.length) {
    const cells: Array<string> = []
    const begun = line
    for (;;) {
      if (source[at] === '"') {
        let cell = ""
        let end = at + 1
        for (;;) {
          const quote = source.indexOf('"', end)
          if (quote === -1) {
            throw new Fault({
              kind: "input",
              line: begun,
              sentence: "a quote is opened here and never closed",
              mend: "Save the file as CSV again."
            })
          }
          cell += source.slice(end, quote)
          end = quote + 1
          if (source[end] !== '"') break
          cell += '"'
          end++
        }
        line += cell.split("\n").length - 1
        cells.push(cell)
        at = end
      } else {
        const end = /[,\r\n]|$/.exec(source.slice(at))!.index + at
        cells.push(source.slice(at, end))
        at = end
      }
      if (source[at] !== ",") break
      at++
    }
    if (source[at] === "\r") at++
    if (source[at] === "\n") at++
    else if (at < source.length) {
      throw new Fault({
        kind: "input",
        line,
        sentence: "text follows a closing quote",
        mend: "Save the file as CSV again."
      })
    }
    line++
    if (cells.length > 1 || cells[0] !== "") records.push({ line: begun, cells })
  }
  return records
}

const words: Readonly<Record<string, "1" | "2" | "tie">> = { "1": "1", "2": "2", t: "tie", tie: "tie" }

/**
 * The labels of a filled-in file, in its order; rows without a label are left out. `Fault`, kind `input`, with the line: columns that are not
 * there, an id that is not one of `known`, a label that is none. All or nothing.
 */
export const labelsIn = (
  text: string,
  known: ReadonlyMap<string, Pick<Shown, "pair" | "outputFirst">>
): ReadonlyArray<{ readonly pair: string; readonly said: Said }> => {
  const [first, ...rest] = recordsOf(text)
  if (/^id;/i.test(text.replace(/^\uFEFF/, "")) || text.includes("\0")) {
    throw new Fault({
      kind: "input",
      line: 1,
      sentence: "the file is no CSV with commas in UTF-8",
      mend: 'Save it as "CSV UTF-8 (comma delimited)".'
    })
  }
  const seen = new Map<string, number>()
  const names = first?.cells.map((cell) => cell.trim().toLowerCase()) ?? []
  const [id, label] = [names.indexOf("id"), names.indexOf("label")]
  if (id === -1 || label === -1) {
    throw new Fault({
      kind: "input",
      line: 1,
      sentence: "the first line does not name the columns id and label",
      mend: "Fill in a file that --export wrote."
    })
  }
  return rest.flatMap(({ cells, line }) => {
    const name = (cells[id] ?? "").trim()
    const shown = known.get(name)
    const word = (cells[label] ?? "").trim().toLowerCase()
    if (shown === undefined) {
      throw new Fault({
        kind: "input",
        line,
        sentence: `the id ${JSON.stringify(name)} is no pair of this run and setup in this home`,
        mend: "Name the run, the --setup and the --home that the file was exported from, and leave its ids as they are."
      })
    }
    if (word === "") return []
    const said = words[word]
    if (said === undefined) {
      throw new Fault({
        kind: "input",
        line,
        sentence: `the label ${JSON.stringify(word)} is none`,
        mend: "Write 1, 2 or tie, or leave it empty."
      })
    }
    const before = seen.get(name)
    if (before !== undefined) {
      throw new Fault({
        kind: "input",
        line,
        sentence: `the pair ${JSON.stringify(name)} is labelled in line ${before} already`,
        mend: "Keep one row of each pair."
      })
    }
    seen.set(name, line)
    return [{ pair: shown.pair, said: saidOf(shown.outputFirst, said) }]
  })
}
