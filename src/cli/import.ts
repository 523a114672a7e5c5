import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import { answer } from "./answer.ts"
import { root } from "./root.ts"
import { untilCtrlC } from "./untilCtrlC.ts"

/** The choices of `--format`, where the command line may be an import's: the importers take as long to load as all other help. */
const formats = process.argv.includes("import") ? (await import("../archive/registry.ts")).formatChoices : []

const optional = (name: string, about: string, metavar?: string) =>
  Flag.String(name).pipe(
    Flag.optional,
    Flag.withDescription(about),
    metavar === undefined ? (flag) => flag : Flag.withMetavar(metavar)
  )
const yes = (name: string, about: string) =>
  Flag.Boolean(name).pipe(Flag.withDefault(false), Flag.withDescription(about))

/** `import PATH…` */
export const importCommand = Command.make(
  "import",
  {
    paths: Argument.Path("path", { mustExist: false }).pipe(
      Argument.withDescription(
        "Files or folders with recorded calls (.jsonl, .json, .har, .yaml, .eval …), plain or packed (.gz, .zst, .zip)"
      ),
      Argument.variadic({ min: 1 })
    ),
    format: optional("format", `Format of the files, ${formats.join(" | ")} (default auto, which looks at each file)`),
    name: optional("name", "Name of the archive (default: the first path's own name)"),
    dryRun: yes(
      "dry-run",
      "Read and count, write nothing: files, formats, how exactly calls can be replayed, and what would help"
    ),
    watch: yes("watch", "Go on importing as files appear and grow, until Ctrl-C"),
    supply: optional(
      "supply",
      "System prompt and tools for calls whose log has none: JSON, or a request body as it was captured",
      "file"
    ),
    mapping: optional("mapping", "Where rows of a log of your own keep what: JSON pointers", "file"),
    pseudonyms: optional(
      "pseudonyms",
      "Replace personal data alike in the whole archive: email,phone,card,ip,name",
      "list"
    ),
    keepSecrets: yes("keep-secrets", "Keep keys, tokens and passwords as they stand in the history")
  },
  Effect.fnUntraced(function* ({ format, mapping, name, pseudonyms, supply, watch, ...given }) {
    const { json } = yield* root
    const { importHistory } = yield* Effect.promise(() => import("../runs/import.ts"))
    yield* answer(
      json,
      importHistory({
        ...given,
        format: Option.getOrUndefined(format),
        mapping: Option.getOrUndefined(mapping),
        name: Option.getOrUndefined(name),
        pseudonyms: Option.getOrUndefined(pseudonyms),
        supply: Option.getOrUndefined(supply),
        watchUntil: watch ? untilCtrlC : undefined
      }),
      given.dryRun ? { reads: true } : { imports: true }
    )
  })
).pipe(
  Command.withDescription("Read history in: who asked what of which model, what came back, what it cost"),
  Command.withExamples([
    { command: "understudy import exports/litellm.jsonl.gz --name support-desk", description: "One file" },
    {
      command: "understudy import exports/ --dry-run",
      description: "What would be read, how exactly it can be replayed, and how to get a better record"
    },
    {
      command: "understudy import ~/.claude/projects --name claude --watch",
      description: "Claude Code's history, and what it writes from now on"
    }
  ])
)
