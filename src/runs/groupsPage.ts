import type { Groups } from "../archive/summary/groups.ts"
import { cell, columns } from "../report/columns.ts"
import { count, counted } from "../report/figures.ts"
import { dollars, known, listedLabels, more as moreThan } from "./archivePage.ts"

/** Groups that the page lists. */
const listedGroups = 50

const absentLine = ({ labels, there }: NonNullable<Groups["notThere"]>) =>
  `No call carries the label ${labels.map((label) => cell(label, 40)).join(", ")}; ${
    there.length === 0
      ? "the calls have no labels."
      : `labels are ${there
          .slice(0, listedLabels)
          .map((label) => cell(label, 40))
          .join(", ")}${moreThan(there, listedLabels)}.`
  }`

/** Calls by group, as a table. */
export const groupsPage = (name: string, { by, groups, more, notThere }: Groups): string => {
  const heads = by.map((one) => one)
  const tokens = ["prompt", "context", "reasoning", "output (text)"]
  const rows = groups.slice(0, listedGroups).map(({ billed, calls, repriced, tokens, values }) => {
    const noSource = tokens.callsWithoutInput + tokens.callsWithoutContext
    const noSplit = tokens.callsWithoutOutput + tokens.callsWithoutSplit
    return [
      ...values.map((value) => value ?? "not known"),
      count(calls),
      known(tokens.prompt, calls, noSource),
      known(tokens.context, calls, noSource),
      known(tokens.reasoning, calls, noSplit),
      known(tokens.outputText, calls, noSplit),
      dollars(billed),
      dollars(repriced)
    ]
  })
  const right = Array.from({ length: 7 }, (_, at) => by.length + at)
  const left = groups.length + more - rows.length
  const sum = (of: (group: Groups["groups"][number]) => number) => groups.reduce((total, group) => total + of(group), 0)
  const untold = [
    [
      sum(({ tokens }) => tokens.callsWithoutInput + tokens.callsWithoutContext),
      "calls do not tell prompt and context apart"
    ],
    [
      sum(({ tokens }) => tokens.callsWithoutOutput + tokens.callsWithoutSplit),
      "calls do not tell text and reasoning apart"
    ],
    [sum(({ billed }) => billed.callsWithout), "calls do not say what was billed"],
    [sum(({ repriced }) => repriced.callsWithout), "calls have no list price"]
  ] as const
  const notes = untold.flatMap(([calls, what]) => (calls === 0 ? [] : [`${count(calls)} ${what}`]))
  return [
    `Archive ${name} by ${by.map((one) => cell(one)).join(", ")}`,
    "",
    ...columns([[...heads, "calls", ...tokens, "billed", "at list prices"], ...rows], { right, most: 40 }),
    ...(left > 0 ? [`… ${counted(left, "group")} more${more > 0 ? "" : " (--json lists them)"}`] : []),
    ...(notes.length === 0 ? [] : ["", `Not in these sums: ${notes.join("; ")}.`]),
    ...(notThere === undefined ? [] : ["", absentLine(notThere)])
  ].join("\n")
}
