import { readFile } from "node:fs/promises"
import { basename } from "node:path"

import * as Console from "effect/Console"
import * as Effect from "effect/Effect"

import { fileFault } from "../archive/bytes.ts"
import { isApart } from "../archive/contract.ts"
import { usesOf } from "../archive/hints.ts"
import { type ImportOptions, type ImportResult, importPaths } from "../archive/import.ts"
import { type PseudonymKind, pseudonymKinds } from "../archive/privacy/cleaner.ts"
import { type Supply, supplyOf } from "../archive/supply.ts"
import { watchPaths } from "../archive/watch.ts"
import { Fault } from "../domain/Fault.ts"
import { count, counted } from "../report/figures.ts"
import { plainLine } from "../report/plain.ts"

/** The archive's name where none is given: the first path's own, without endings. */
const nameOf = (path: string) =>
  basename(path)
    .replace(/(\.(jsonl|ndjson|json|log|gz|zst|zip|eval|har|ya?ml|traj))+$/i, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[.-]+/, "") || "archive"

/** Skips, files and reasons that people are shown; the rest is in `archive --skips` and in the document. */
const shown = { skips: 5, files: 10, reasons: 12 }

const skipLine = ({ file, line, reason }: ImportResult["skipped"][number]) => plainLine(`${file}:${line}: ${reason}`)

const skipsOf = ({ skipped, skippedMore = 0 }: ImportResult) => skipped.length + skippedMore

const mendFor = (format: string): string =>
  format === "auto"
    ? "Export finished calls with request and response, or name the format with --format."
    : format === "pair"
      ? "Name with --mapping where the rows keep request and response, or leave --format out: then the files are looked at."
      : `Leave --format out, and the files are looked at; if they are of the format ${format}, export finished calls with request and response.`

const nothing = (result: ImportResult, { format, paths }: Pick<ImportOptions, "format" | "paths">) => {
  const { other, read, skipped } = result
  const why = skipped.slice(0, 3).map(skipLine)
  const others = Object.entries(other).map(([type, lines]) => `${count(lines)} ${type}`)
  return new Fault({
    kind: "input",
    file: paths.join(", "),
    sentence: [
      `nothing could be imported: ${counted(read, "record")} read, ${count(skipsOf(result))} skipped`,
      ...(others.length === 0 ? [] : [`; lines that are no calls: ${plainLine(others.join(", "))}`]),
      ...(why.length === 0 ? [] : [`; ${why.join("; ")}${skipped.length > why.length ? "; …" : ""}`])
    ].join(""),
    mend: mendFor(format)
  })
}

/**
 * Imports files and folders. Fails, kind `input`, with the first reasons when not one of their records is or was imported; rows that tell of calls
 * which lie elsewhere are no failure, and are named.
 */
export const importSome = Effect.fnUntraced(function* (options: ImportOptions) {
  const result = yield* importPaths(options)
  const isPart = Object.keys(result.other).some(isApart) && result.read === 0
  if (result.imported + result.duplicates + result.signals === 0 && !isPart) return yield* nothing(result, options)
  return result
})

/** The text of a file that a flag names. */
const textOf = (flag: string, file: string) =>
  Effect.tryPromise({ try: () => readFile(file, "utf8"), catch: (cause) => fileFault(file, cause) }).pipe(
    Effect.mapError((fault) => new Fault({ ...fault, sentence: `${flag}: ${fault.sentence}` }))
  )

const mappingOf = Effect.fnUntraced(function* (file: string | undefined) {
  if (file === undefined) return undefined
  const text = yield* textOf("--mapping", file)
  return yield* Effect.try({
    try: (): unknown => JSON.parse(text),
    catch: () =>
      new Fault({
        kind: "input",
        file,
        sentence: "--mapping: this is not valid JSON",
        mend: "Give an object of JSON pointers."
      })
  })
})

const supplyIn = Effect.fnUntraced(function* (file: string | undefined) {
  if (file === undefined) return undefined
  const text = yield* textOf("--supply", file)
  return yield* Effect.try({
    try: (): Supply => supplyOf(text, file),
    catch: (cause) => (cause instanceof Fault ? cause : new Fault({ kind: "internal", sentence: String(cause) }))
  })
})

/** `--pseudonyms LIST`: kinds, with commas between them. */
const pseudonymsOf = (list: string | undefined): Effect.Effect<ReadonlyArray<PseudonymKind>, Fault> => {
  const words = (list ?? "").split(",").flatMap((word) => (word.trim() === "" ? [] : [word.trim()]))
  const strange = words.find((word) => !pseudonymKinds.some((kind) => kind === word))
  if (strange !== undefined)
    return new Fault({
      kind: "usage",
      sentence: `--pseudonyms: there is no kind "${strange}"`,
      mend: `Kinds: ${pseudonymKinds.join(", ")}; several with commas between them.`
    })
  return Effect.succeed(pseudonymKinds.filter((kind) => words.includes(kind)))
}

/** Flags of `import`. */
export interface ImportInput {
  readonly paths: ReadonlyArray<string>
  /** `undefined`: `pair` where a mapping is given, else `auto`. */
  readonly format: string | undefined
  readonly name: string | undefined
  readonly dryRun: boolean
  readonly mapping: string | undefined
  readonly supply: string | undefined
  readonly keepSecrets: boolean
  readonly pseudonyms: string | undefined
  /** Set: goes on importing until this ends. */
  readonly watchUntil: Effect.Effect<void> | undefined
}

const optionsOf = Effect.fnUntraced(function* (input: ImportInput) {
  const { dryRun, keepSecrets, paths, watchUntil } = input
  if (dryRun && watchUntil !== undefined)
    return yield* new Fault({
      kind: "usage",
      sentence: "--watch and --dry-run exclude each other",
      mend: "Look with --dry-run first, then watch."
    })
  const mapping = yield* mappingOf(input.mapping)
  const supply = yield* supplyIn(input.supply)
  const options: ImportOptions = {
    paths,
    dryRun,
    keepSecrets,
    name: input.name ?? nameOf(paths[0] ?? ""),
    format: input.format ?? (mapping === undefined ? "auto" : "pair"),
    pseudonyms: yield* pseudonymsOf(input.pseudonyms),
    ...(mapping === undefined ? {} : { mapping }),
    ...(supply === undefined ? {} : { supply })
  }
  return options
})

const listOf = (counts: Readonly<Record<string, number>>, turned = false) =>
  Object.entries(counts)
    .map(([name, n]) => (turned ? `${count(n)} ${name}` : `${name} ${count(n)}`))
    .join(", ")

/** The reasons as lines, each mend behind the first one that it helps. */
const linesOf = (reasons: ImportResult["reasons"]): ReadonlyArray<string> => {
  const told = new Set<string>()
  return reasons.flatMap(({ calls, format, mend, reason }) => {
    const line = plainLine(`  ${counted(calls, "call")} (${format}): ${reason}`)
    if (mend === undefined || told.has(mend)) return [line]
    told.add(mend)
    return [line, `    ${mend}`]
  })
}

/** What is known before anything is written: files, what the grades mean, why, and what would help. */
const details = ({ fidelity, files, filesMore = 0, reasons }: ImportResult): ReadonlyArray<string> => {
  const grades = (["A", "B", "C", "D"] as const).filter((grade) => fidelity[grade] > 0)
  const more = files.length + filesMore - shown.files
  return [
    "Files:",
    ...files
      .slice(0, shown.files)
      .map(({ file, format, records }) => plainLine(`  ${file}: ${format}, ${counted(records, "record")}`)),
    ...(more > 0 ? [`  … ${count(more)} more`] : []),
    ...(grades.length === 0 ? [] : ["What a replay can do with the calls:"]),
    ...grades.map((grade) => `  ${grade} ${count(fidelity[grade])}: ${usesOf[grade]}`),
    ...(reasons.length === 0 ? [] : ["What is to be known of them:"]),
    ...linesOf(reasons.slice(0, shown.reasons)),
    ...(reasons.length > shown.reasons ? [`  … ${count(reasons.length - shown.reasons)} more (--json)`] : [])
  ]
}

const textOfResult = (result: ImportResult): string => {
  const { archive, dryRun, duplicates, fidelity, formats, imported, other, pseudonymsAsBefore, read, replaced } = result
  const { secrets, signals, warnings } = result
  const skips = skipsOf(result)
  const fuller = replaced === 0 ? "" : ` (${count(replaced)} of them fuller than what was there, and took its place)`
  const named = Object.values(secrets).reduce((sum, n) => sum + n, 0)
  const lacking = fidelity.B + fidelity.C + fidelity.D
  return [
    `${dryRun ? "Would import" : "Imported"} ${counted(imported, "call")} into archive ${archive}: ${counted(read, "record")} read, ${counted(duplicates, "duplicate")}${fuller}, ${count(skips)} skipped.`,
    `Formats: ${listOf(formats)}. Fidelity: ${listOf(fidelity)}.`,
    ...(named === 0 ? [] : [`Replaced by placeholders: ${listOf(secrets, true)}.`]),
    ...(pseudonymsAsBefore.length === 0 ? [] : [`Pseudonyms as in earlier imports: ${pseudonymsAsBefore.join(", ")}.`]),
    ...warnings.map((warning) => `Note: ${warning}`),
    ...(signals === 0 ? [] : [`Outcomes told apart from calls: ${count(signals)}.`]),
    ...(Object.keys(other).length === 0 ? [] : [plainLine(`Lines that are no calls: ${listOf(other, true)}.`)]),
    ...result.skipped.slice(0, shown.skips).map((skip) => `  skipped ${skipLine(skip)}`),
    ...(skips > shown.skips
      ? [`  … ${count(skips - shown.skips)} more${dryRun ? "" : ` (understudy archive ${archive} --skips)`}`]
      : []),
    ...(dryRun
      ? [...details(result), "Nothing was written."]
      : lacking > 0
        ? ["Why some are not of grade A, and what would help: the same with --dry-run."]
        : [])
  ].join("\n")
}

/** Reads history into an archive and says what became of every record. */
export const importHistory = Effect.fn("Runs.import")(function* (input: ImportInput) {
  const options = yield* optionsOf(input)
  if (input.watchUntil === undefined) {
    const result = yield* importSome(options)
    return { doc: result, text: textOfResult(result) }
  }
  let told = false
  const result = yield* watchPaths(options, {
    until: input.watchUntil,
    onCommit: ({ archive, files, imported, replaced }) => {
      told = false
      const fuller = replaced === 0 ? "" : `, ${count(replaced)} grew fuller`
      return Console.error(`${archive}: ${counted(imported, "call")} added${fuller} (${counted(files, "file")} read)`)
    },
    onBusy: (fault) => {
      if (told) return Effect.void
      told = true
      return Console.error(`${fault.message.split("\n")[0]}; trying again`)
    },
    onWarning: (warning) => Console.error(`${options.name}: ${warning}`)
  })
  return { doc: result, text: textOfResult(result) }
})
