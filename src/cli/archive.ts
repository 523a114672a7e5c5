import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import { answer } from "./answer.ts"
import { root } from "./root.ts"

const name = Argument.String("name").pipe(
  Argument.optional,
  Argument.withDescription("The archive (may be left out where there is one)")
)

const deleteCommand = Command.make(
  "delete",
  {
    name: Argument.String("name").pipe(Argument.withDescription("The archive to remove, or to remove calls from")),
    trajectory: Flag.String("trajectory").pipe(
      Flag.optional,
      Flag.withDescription("Only the calls of this agent run, its sub-agents' too")
    ),
    person: Flag.String("person").pipe(
      Flag.optional,
      Flag.withDescription(
        "Only the calls whose labels name this person (engineer, endUser, user_email …), letter by letter"
      )
    ),
    before: Flag.String("before").pipe(
      Flag.optional,
      Flag.withMetavar("date"),
      Flag.withDescription("Only the calls before this day or time, e.g. 2026-05-01 (UTC)")
    ),
    dryRun: Flag.Boolean("dry-run").pipe(
      Flag.withDefault(false),
      Flag.withDescription("Say what would go, remove nothing")
    )
  },
  Effect.fnUntraced(function* ({ before, dryRun, name, person, trajectory }) {
    const { json } = yield* root
    const { deleteFrom } = yield* Effect.promise(() => import("../runs/deleteArchive.ts"))
    yield* answer(
      json,
      deleteFrom({
        name,
        dryRun,
        trajectory: Option.getOrUndefined(trajectory),
        person: Option.getOrUndefined(person),
        before: Option.getOrUndefined(before)
      })
    )
  })
).pipe(
  Command.withDescription(
    "Remove an archive, or some of its calls, with all that came of them: runs, and the answers that only they used"
  ),
  Command.withExamples([
    {
      command: "understudy archive delete support-desk --person jo@example.com --dry-run",
      description: "What would go"
    },
    { command: "understudy archive delete support-desk --before 2026-01-01", description: "What is older" }
  ])
)

const exportCommand = Command.make(
  "export",
  {
    name: Argument.String("name").pipe(Argument.withDescription("The archive to write out")),
    to: Flag.Literals("to", ["parquet", "jsonl"]).pipe(
      Flag.withDescription("jsonl: every call with its content; parquet: a row a call, no content")
    ),
    out: Flag.Path("out").pipe(
      Flag.optional,
      Flag.withDescription("The file to write (default: NAME.parquet or NAME.jsonl here)")
    )
  },
  Effect.fnUntraced(function* ({ name, out, to }) {
    const { json } = yield* root
    const { exportArchive } = yield* Effect.promise(() => import("../runs/archive.ts"))
    yield* answer(json, exportArchive({ name, to, out: Option.getOrUndefined(out) }))
  })
).pipe(
  Command.withDescription("Write an archive to a file that other tools read"),
  Command.withExamples([
    {
      command: "understudy archive export support-desk --to parquet",
      description: "The index, for a spreadsheet or a database"
    }
  ])
)

/** `archive [NAME]`, `archive export NAME` and `archive delete NAME` */
export const archiveCommand = Command.make(
  "archive",
  {
    name,
    skips: Flag.Boolean("skips").pipe(
      Flag.withDefault(false),
      Flag.withDescription("List the records that were not imported, each with its place and reason")
    ),
    by: Flag.String("by").pipe(
      Flag.atLeast(0),
      Flag.withMetavar("name"),
      Flag.withDescription(
        "Calls, tokens by kind and spend by engineer, team, project, model, slice, week, month, day, session or label:NAME (repeatable, or with commas)"
      )
    ),
    sql: Flag.String("sql").pipe(
      Flag.optional,
      Flag.withMetavar("query"),
      Flag.withDescription("Run a read-only DuckDB query over the index; --sql help lists its tables")
    )
  },
  Effect.fnUntraced(function* ({ by, name, skips, sql }) {
    const { json } = yield* root
    const { showArchive } = yield* Effect.promise(() => import("../runs/archive.ts"))
    yield* answer(
      json,
      showArchive({ name: Option.getOrUndefined(name), skips, by, sql: Option.getOrUndefined(sql) }),
      { reads: true }
    )
  })
).pipe(
  Command.withDescription("What is there: calls, fidelity, slices, models, tokens by kind, spend"),
  Command.withExamples([
    { command: "understudy archive support-desk", description: "One page about an archive" },
    { command: "understudy archive support-desk --by team,month", description: "Tokens and spend by team and month" },
    {
      command: 'understudy archive support-desk --sql "SELECT model, count(*) FROM calls GROUP BY model"',
      description: "A query of your own"
    }
  ]),
  Command.withSubcommands([exportCommand, deleteCommand])
)
