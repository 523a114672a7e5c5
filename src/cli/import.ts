import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import { answer } from "./answer.ts"
import { root } from "./root.ts"

/** The choices of `--format`, where the command line may be an import's: the importers take as long to load as all other help. */
const formats = process.argv.includes("import") ? (await import("../archive/registry.ts")).formatChoices : []

/** `import PATH…` */
export const importCommand = Command.make(
  "import",
  {
    paths: Argument.Path("path", { mustExist: false }).pipe(
      Argument.withDescription("Files or folders with recorded calls (.jsonl, .json, plain, .gz or .zst)"),
      Argument.variadic({ min: 1 })
    ),
    format: Flag.String("format").pipe(
      Flag.withDefault("auto"),
      Flag.withDescription(`Format of the files, ${formats.join(" | ")} (default auto, which looks at each file)`)
    ),
    name: Flag.String("name").pipe(
      Flag.optional,
      Flag.withDescription("Name of the archive (default: the first path's own name)")
    ),
    dryRun: Flag.Boolean("dry-run").pipe(Flag.withDefault(false), Flag.withDescription("Read and count, write nothing"))
  },
  Effect.fnUntraced(function* ({ dryRun, format, name, paths }) {
    const { json } = yield* root
    const { importHistory } = yield* Effect.promise(() => import("../runs/import.ts"))
    yield* answer(json, importHistory({ paths, format, name: Option.getOrUndefined(name), dryRun }))
  })
).pipe(
  Command.withDescription("Read history in: who asked what of which model, what came back, what it cost"),
  Command.withExamples([
    { command: "understudy import exports/litellm.jsonl.gz --name support-desk", description: "One file" },
    {
      command: "understudy import exports/ --dry-run",
      description: "What would be read, and how exactly it can be replayed"
    }
  ])
)
