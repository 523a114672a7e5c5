import * as Effect from "effect/Effect"

import type { Piece, Renderer } from "../contract.ts"
import { visible } from "../plain.ts"
import { verdictSentence } from "../wording.ts"

/** Foreign text for a line of Markdown: nothing in it is markup, links and raw HTML included, and it stays on its line. */
export const inline = (text: string): string =>
  visible(text)
    .replace(/\s*\n\s*/g, " ")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/[\\`*[\]|~]/g, "\\$&")
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "\\_")
    .replace(
      /^(\s*)([#+-]|\d+[.)])(?=\s|$)/,
      (_, space: string, mark: string) => `${space}${mark.slice(0, -1)}\\${mark.slice(-1)}`
    )

/** Foreign text as a code block: its fence is longer than any run of backticks in it. */
export const fenced = (text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = "`".repeat(longest + 1)
  return `${fence}text\n${visible(text)}\n${fence}`
}

const row = (cells: ReadonlyArray<string>) => `| ${cells.map(inline).join(" | ")} |`
const block = (piece: Piece): string => {
  switch (piece._tag) {
    case "Paragraph":
      return inline(piece.text)
    case "Callout":
      return `> **${inline(piece.head)}.** ${inline(piece.text)}`
    case "List":
      return piece.items.map((item) => `- ${inline(item)}`).join("\n")
    case "Table": {
      const rule = `| ${piece.head.map((_, at) => (piece.numeric?.includes(at) === true ? "---:" : "---")).join(" | ")} |`
      return [
        ...(piece.title === undefined ? [] : [`**${inline(piece.title)}**`, ""]),
        row(piece.head),
        rule,
        ...piece.rows.map(row),
        ...(piece.source === undefined ? [] : ["", `<sub>${inline(piece.source)}</sub>`])
      ].join("\n")
    }
    case "Chart":
      return [
        `Chart (drawn in the HTML report): ${inline(piece.alt)}`,
        ...(piece.source === undefined ? [] : [`<sub>${inline(piece.source)}</sub>`])
      ].join("\n\n")
    case "Folded":
      return `**${inline(piece.title)}**\n\n${fenced(piece.text)}`
    case "Compare":
      return [
        `### ${inline(piece.title)}`,
        ...piece.sides.flatMap(({ absent, head, text }) => [
          `**${inline(head)}**`,
          absent === true ? `_${inline(text)}_` : fenced(text)
        ])
      ].join("\n\n")
  }
}

/** The report as Markdown (tables as GitHub reads them): the verdict is its heading. */
export const markdown: Renderer = {
  id: "md",
  file: "report.md",
  render: ({ result }, sections) =>
    Effect.map(sections, (all) =>
      [
        `# ${inline(verdictSentence(result))}`,
        `Understudy, ${result.command} of ${inline(result.suite.name)}, run ${inline(result.run)}, ended ${inline(result.endedAt)}.`,
        ...all.flatMap(({ pieces, title }) => [`## ${inline(title)}`, ...pieces.map(block)])
      ]
        .join("\n\n")
        .concat("\n")
    )
}
