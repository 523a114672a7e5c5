import type { RunResult } from "../../domain/RunResult.ts"
import type { Piece } from "../contract.ts"
import { count, counted } from "../figures.ts"

/** Characters of a schema that are shown, and schemas of a check. */
const most = 4000
const schemas = 20

/** The beginning of a long schema and how much is left out. */
const cut = (text: string): string =>
  text.length <= most
    ? text
    : `${text.slice(0, most).toWellFormed()}\n… ${count(text.length - most)} more characters; report.json has all of it`

/** What checks were taught by past answers: from how many, and the schema, or why there is none. */
export const learntPieces = ({ learnt = [], run }: RunResult): ReadonlyArray<Piece> =>
  learnt.flatMap(({ slices, use }): ReadonlyArray<Piece> => {
    const taught = slices.filter(({ schema }) => schema !== undefined)
    const shown = [...taught].sort((a, b) => b.learnt - a.learnt).slice(0, schemas)
    return [
      {
        _tag: "Table",
        title: `What past answers taught the check ${use}`,
        head: ["Slice", "Past answers that are JSON", "No JSON", "Schema"],
        rows: slices.map(({ learnt, notJson, schema, slice, why }) => [
          slice,
          count(learnt),
          count(notJson),
          schema === undefined ? `none: ${why ?? ""}` : "learnt"
        ]),
        numeric: [1, 2],
        source: `Rows: learnt[].slices[] of run ${run} (report.json).`
      },
      ...shown.map(
        ({ learnt, schema, slice }): Piece => ({
          _tag: "Folded",
          title: `The schema of ${slice}, from ${counted(learnt, "past answer")}`,
          text: cut(JSON.stringify(schema, null, 2))
        })
      ),
      ...(taught.length === shown.length
        ? []
        : [
            {
              _tag: "Paragraph" as const,
              text: `Shown are the ${schemas} schemas with the most past answers; report.json has ${counted(taught.length - shown.length, "more", "more")}.`
            }
          ])
    ]
  })
