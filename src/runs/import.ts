import { basename } from "node:path"

import * as Effect from "effect/Effect"

import { type ImportOptions, type ImportResult, importPaths } from "../archive/import.ts"
import { Fault } from "../domain/Fault.ts"
import { count, counted } from "../report/figures.ts"
import { plainLine } from "../report/plain.ts"

/** The archive's name where none is given: the first path's own, without endings. */
const nameOf = (path: string) =>
  basename(path)
    .replace(/(\.(jsonl|ndjson|json|log|gz|zst))+$/i, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[.-]+/, "") || "archive"

/** Skips that people are shown; the rest is in `archive --skips`. */
const shown = 5

const skipLine = ({ file, line, reason }: ImportResult["skipped"][number]) => plainLine(`${file}:${line}: ${reason}`)

const nothing = ({ other, read, skipped }: ImportResult, paths: ReadonlyArray<string>) => {
  const why = skipped.slice(0, 3).map(skipLine)
  const others = Object.entries(other).map(([type, lines]) => `${count(lines)} ${type}`)
  return new Fault({
    kind: "input",
    file: paths.join(", "),
    sentence: [
      `nothing could be imported: ${counted(read, "record")} read, ${count(skipped.length)} skipped`,
      ...(others.length === 0 ? [] : [`; lines that are no calls: ${plainLine(others.join(", "))}`]),
      ...(why.length === 0 ? [] : [`; ${why.join("; ")}${skipped.length > why.length ? "; …" : ""}`])
    ].join(""),
    mend: "Export finished calls with request and response, or name the format with --format."
  })
}

/** Imports files and folders. Fails, kind `input`, with the first reasons when not one of their records is or was imported. */
export const importSome = Effect.fnUntraced(function* (options: ImportOptions) {
  const result = yield* importPaths(options)
  if (result.imported + result.duplicates === 0) return yield* nothing(result, options.paths)
  return result
})

/** Reads history into an archive and says what became of every record. */
export const importHistory = Effect.fn("Runs.import")(function* (input: {
  readonly paths: ReadonlyArray<string>
  readonly format: string
  readonly name: string | undefined
  readonly dryRun: boolean
}) {
  const name = input.name ?? nameOf(input.paths[0] ?? "")
  const result = yield* importSome({ ...input, name })
  const { duplicates, fidelity, imported, other, read, skipped } = result
  const grades = Object.entries(fidelity).map(([grade, calls]) => `${grade} ${count(calls)}`)
  const others = Object.entries(other).map(([type, lines]) => `${count(lines)} ${type}`)
  const text = [
    `${input.dryRun ? "Would import" : "Imported"} ${counted(imported, "call")} into archive ${name}: ${counted(read, "record")} read, ${counted(duplicates, "duplicate")}, ${count(skipped.length)} skipped.`,
    `Formats: ${Object.entries(result.formats)
      .map(([format, calls]) => `${format} ${count(calls)}`)
      .join(", ")}. Fidelity: ${grades.join(", ")}.`,
    ...(others.length === 0 ? [] : [plainLine(`Lines that are no calls: ${others.join(", ")}.`)]),
    ...skipped.slice(0, shown).map((skip) => `  skipped ${skipLine(skip)}`),
    ...(skipped.length > shown
      ? [`  … ${count(skipped.length - shown)} more (understudy archive ${name} --skips)`]
      : []),
    ...(input.dryRun ? ["Nothing was written."] : [])
  ]
  return { doc: result, text: text.join("\n") }
})
