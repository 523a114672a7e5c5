import { readFile, rm } from "node:fs/promises"
import { join } from "node:path"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { codeOf, makeFolder, namesIn, onDisk, writeAtomically } from "./disk.ts"

/**
 * What lies in a home, by name:
 *
 * - `version`: the number of the layout;
 * - `archive/NAME/`: `calls.jsonl`, `messages.jsonl`, `derived.jsonl`, `places` (numbered after a rewrite: `calls-2.jsonl`), `blobs/`, `index.duckdb`,
 *   `key`, `privacy.json` (how imports were cleaned), and `slices.json` where slices were named;
 * - `answers/`: segments of the answer cache;
 * - `runs/ID/`: `manifest.json`, `journal.jsonl`, `outputs.jsonl`, `grades.jsonl`, `result.json`;
 * - `checked/`: what checks said that run commands; only a cache;
 * - `labels.jsonl`: what people said of pairs of answers, by the pair's digest;
 * - `baselines/`.
 */
const folders = ["archive", "answers", "runs", "baselines"] as const

/** One step of a migration, from layout `from` to `from + 1`. It may be cut off and run again: doing it twice must do no harm. */
export interface Step {
  readonly from: number
  readonly about: string
  run(root: string): Effect.Effect<void, Fault>
}

/** The steps there are. A layout's number is one more than the last step's `from`. */
const steps: ReadonlyArray<Step> = [
  // Layout 0 is layout 1 without its number: nothing is to be moved, the number is written by `bringUpToDate`.
  { from: 0, about: "gives the home its version file", run: () => Effect.void },
  {
    from: 1,
    about: "asks for archives to be imported again: calls are kept in another way",
    run: (root) => withoutArchives(root)
  }
]

/** Archives of layout 1 cannot be read any more. They are left as they are, for their owner to remove; drafts of imports that were cut off go. */
const withoutArchives = Effect.fnUntraced(function* (root: string) {
  const folder = join(root, "archive")
  const all = yield* onDisk(folder, () => namesIn(folder))
  const names = all.filter((name) => !name.startsWith("."))
  if (names.length > 0) {
    return yield* new Fault({
      kind: "input",
      file: folder,
      sentence: `${names.length === 1 ? "the archive" : "the archives"} ${names.join(", ")} ${names.length === 1 ? "was" : "were"} written by an earlier version of understudy, in a way that this one does not read`,
      mend: "Remove what is in this folder and import the same logs again; runs and answers stay. Or name another folder with --home."
    })
  }
  yield* onDisk(folder, async () => {
    for (const name of all) await rm(join(folder, name), { recursive: true, force: true })
  })
})

const versionOf = (list: ReadonlyArray<Step>) => list.length

const readVersion = Effect.fnUntraced(function* (root: string) {
  const file = join(root, "version")
  const text = yield* onDisk(file, () =>
    readFile(file, "utf8").catch((cause: unknown) => {
      if (codeOf(cause) === "ENOENT") return undefined
      throw cause
    })
  )
  if (text === undefined) {
    const names = yield* onDisk(root, () => namesIn(root))
    return folders.some((folder) => names.includes(folder)) ? 0 : undefined
  }
  if (/^\d{1,9}$/.test(text.trim())) return Number(text.trim())
  return yield* new Fault({
    kind: "input",
    file,
    sentence: `"${text.trim().slice(0, 40)}" is not the number of a layout`,
    mend: "Name the right folder with --home, or restore the file: it holds one number."
  })
})

/**
 * Migrates a home step by step, writing the new number after each step. Nothing is written where there is no home yet.
 * A folder of ours without a number is layout 0. `list` is for tests of the machinery.
 */
export const bringUpToDate = Effect.fnUntraced(function* (root: string, list: ReadonlyArray<Step> = steps) {
  const found = yield* readVersion(root)
  if (found === undefined) return
  if (found > versionOf(list)) {
    return yield* new Fault({
      kind: "input",
      file: join(root, "version"),
      sentence: `this home has layout ${found}, and this version of understudy knows layouts up to ${versionOf(list)}`,
      mend: "Use the version of understudy that wrote it, or a newer one; or name another folder with --home."
    })
  }
  for (const step of list.slice(found)) {
    yield* step.run(root)
    yield* onDisk(root, () => writeAtomically(join(root, "version"), `${step.from + 1}\n`))
  }
})

/** Makes the home's folder with its `version` file, where it is not there yet. Everything that writes calls this first. */
export const prepareHome = (root: string): Effect.Effect<void, Fault> =>
  onDisk(root, async () => {
    await makeFolder(root)
    if ((await namesIn(root)).includes("version")) return
    await writeAtomically(join(root, ".gitignore"), "*\n") // prompts and answers as they were: not for version control
    await writeAtomically(join(root, "version"), `${versionOf(steps)}\n`)
  })
