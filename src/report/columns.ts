import { plainLine } from "./plain.ts"

/** Characters of a cell at most; longer ones are cut, which the last character tells. */
const widest = 60

/** Foreign text as a cell: on one line, without control characters, cut where it is too long. */
export const cell = (text: string, most = widest): string => {
  const characters = [...plainLine(text)]
  return characters.length <= most ? characters.join("") : `${characters.slice(0, most - 1).join("")}…`
}

/**
 * Rows as lines of aligned columns, two spaces between them, for a terminal. `right`: the columns that are figures, by place. Cells are made
 * safe to show and cut at `most` characters; lines end without spaces.
 */
export const columns = (
  rows: ReadonlyArray<ReadonlyArray<string>>,
  { most = widest, right = [] }: { readonly right?: ReadonlyArray<number>; readonly most?: number } = {}
): ReadonlyArray<string> => {
  const cells = rows.map((row) => row.map((text) => cell(text, most)))
  const widths: Array<number> = []
  for (const row of cells) {
    for (const [at, text] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, [...text].length)
  }
  const padded = (text: string, at: number) => {
    const room = " ".repeat(widths[at]! - [...text].length)
    return right.includes(at) ? room + text : text + room
  }
  return cells.map((row) => row.map(padded).join("  ").trimEnd())
}
