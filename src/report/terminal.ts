import Table from "cli-table3"

import type { RunResult } from "../domain/RunResult.ts"
import { count, money, pointsInterval, pointsOf, ratio } from "./figures.ts"
import { firstTokenHead, firstTokenSentence } from "./firstToken.ts"
import { loopHead, loopSentence } from "./loop.ts"
import { costOfCase } from "./outcomes.ts"
import { plainLine } from "./plain.ts"
import { selfHostedHead, selfHostedSentence } from "./selfHosted.ts"
import { byCost, namedSetups } from "./subject.ts"
import { incumbentName } from "./wording.ts"

const head = ["setup", "verdict", "cases", "difference\n(95 % interval)", "cost\na case", "against\nincumbent"]
/** Columns in all; a column is two wider than its text, and lines stand between. */
const whole = 100
/** Narrower the setups' column does not get: a table of enormous figures is wider than the whole instead. */
const leastSetup = 14

/** Lines of a setup's cell at most. */
const most = 6

/** The widths in which no figure is cut: each column is as wide as its longest text, the setups' takes what is left. */
const widthsOf = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<number> => {
  const [, ...figures] = head.map((name, at) =>
    Math.max(...[...name.split("\n"), ...rows.map((row) => row[at] ?? "")].map((text) => [...text].length + 2))
  )
  const taken = figures.reduce((sum, width) => sum + width + 1, 0)
  return [Math.max(leastSetup, whole - taken), ...figures]
}

/** Breaks a text after spaces and slashes, and inside a word only where the word is longer than a line; what is beyond the last line is cut. */
const wrapped = (text: string, width: number): string => {
  const pieces = text.split(/(?<=[ /])/).flatMap((piece) => piece.match(new RegExp(`.{1,${width}}`, "gu")) ?? [])
  const lines = [""]
  for (const piece of pieces) {
    if ((lines.at(-1)! + piece).trimEnd().length > width) lines.push(piece)
    else lines[lines.length - 1] += piece
  }
  const shown = lines.map((line) => line.trimEnd())
  if (shown.length <= most) return shown.join("\n")
  return [...shown.slice(0, most - 1), `${shown[most - 1]!.slice(0, width - 1)}…`].join("\n")
}

/**
 * The standings for a terminal: plain text without colour, 100 columns wide (wider only where the figures alone need it: none is ever cut), cheapest first, the named setup marked, and lines that say
 * what the columns mean. Foreign text is stripped of control characters.
 */
export const standingsTable = (result: RunResult): string => {
  const named = new Set(namedSetups(result).map(({ id }) => id))
  const rows = [
    ...byCost(result.standings).map((standing) => [
      `${named.has(standing.setup.id) ? "* " : ""}${standing.setup.label}`,
      standing.verdict,
      count(standing.cases),
      pointsInterval(standing.difference),
      costOfCase(standing),
      standing.costRatio === null ? "–" : ratio(standing.costRatio.estimate)
    ]),
    [
      `${incumbentName(result)} (incumbent)`,
      "–",
      count(result.archive.cases),
      "0.0",
      money(result.incumbent.usdPerCase),
      "100 %"
    ]
  ]
  const widths = widthsOf(rows)
  const table = new Table({
    head,
    colWidths: [...widths],
    colAligns: ["left", "left", "right", "right", "right", "right"],
    chars: {
      left: "",
      "left-mid": "",
      right: "",
      "right-mid": "",
      "top-left": "",
      "top-right": "",
      "bottom-left": "",
      "bottom-right": ""
    },
    style: { head: [], border: [], compact: true }
  })
  table.push(...rows.map(([setup = "", ...figures]) => [wrapped(plainLine(setup), widths[0]! - 2), ...figures]))
  const firstTokens = byCost(result.standings).flatMap((standing) => firstTokenSentence(standing) ?? [])
  const selfHosted = byCost(result.standings).flatMap((standing) => selfHostedSentence(standing) ?? [])
  const loops = byCost(result.standings).flatMap((standing) => loopSentence(standing) ?? [])
  const legend = [
    ...(named.size > 0 ? ["* named by the run"] : []),
    `difference: points of 100 against the incumbent on the same cases; agreed margin −${pointsOf(result.method.margin)}`,
    "parity: shown to be within the margin. inferior: shown to be below it. inconclusive: neither",
    ...(result.archive.simulated
      ? [
          `${result.archive.simulatedProviders === undefined ? "answers" : `answers of ${plainLine(result.archive.simulatedProviders.join(", "))}`} come from the bundled simulated fleet, not from real models`
        ]
      : [])
  ]
  const listed = (head: string, items: ReadonlyArray<string>) =>
    items.length === 0 ? [] : [head, ...items.map((one) => `  ${plainLine(one)}`)]
  const lines = [
    ...legend,
    ...listed(loopHead, loops),
    ...listed(firstTokenHead, firstTokens),
    ...listed(selfHostedHead, selfHosted)
  ]
  return `${table.toString()}\n${lines.map((line) => `  ${line}`).join("\n")}`
}
