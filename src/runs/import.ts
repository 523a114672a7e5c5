import { basename } from "node:path"

import * as Effect from "effect/Effect"

import { importPaths } from "../archive/import.ts"

/** The archive's name where none is given: the first path's own, without endings. */
const nameOf = (path: string) =>
  basename(path)
    .replace(/(\.(jsonl|ndjson|json|log|gz|zst))+$/i, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[.-]+/, "") || "archive"

/** Skips that people are shown; the rest is in `archive --skips`. */
const shown = 5

/** Reads history into an archive and says what became of every record. */
export const importHistory = Effect.fn("Runs.import")(function* (input: {
  readonly paths: ReadonlyArray<string>
  readonly format: string
  readonly name: string | undefined
  readonly dryRun: boolean
}) {
  const name = input.name ?? nameOf(input.paths[0] ?? "")
  const result = yield* importPaths({ ...input, name })
  const { duplicates, fidelity, imported, other, read, skipped } = result
  const grades = Object.entries(fidelity).map(([grade, calls]) => `${grade} ${calls}`)
  const others = Object.entries(other).map(([type, lines]) => `${lines} ${type}`)
  const text = [
    `${input.dryRun ? "Would import" : "Imported"} ${imported} calls into archive ${name}: ${read} records read, ${duplicates} duplicates, ${skipped.length} skipped.`,
    `Formats: ${Object.entries(result.formats)
      .map(([format, calls]) => `${format} ${calls}`)
      .join(", ")}. Fidelity: ${grades.join(", ")}.`,
    ...(others.length === 0 ? [] : [`Lines that are no calls: ${others.join(", ")}.`]),
    ...skipped.slice(0, shown).map(({ file, line, reason }) => `  skipped ${file}:${line}: ${reason}`),
    ...(skipped.length > shown ? [`  … ${skipped.length - shown} more (understudy archive ${name} --skips)`] : []),
    ...(input.dryRun ? ["Nothing was written."] : [])
  ]
  return { doc: result, text: text.join("\n") }
})
