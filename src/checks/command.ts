import { existsSync, statSync } from "node:fs"
import { isAbsolute, resolve } from "node:path"

import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

import { digestOf } from "../domain/digest.ts"
import { argvOf, CommandOptions, hasLabel, type Words, withLabels } from "./commandOptions.ts"
import { type CheckContext, type Checked, type CheckInput, check } from "./contract.ts"
import { type Counts, countsIn } from "./counts.ts"
import { editsOf } from "./files.ts"
import { safePath } from "./paths.ts"
import { plain, steady, tailOf } from "./plain.ts"
import { checkedOut, commitOf } from "./repository.ts"
import type { Job, Ran } from "./sandbox/contract.ts"
import { scopedFolder } from "./sandbox/folders.ts"
import { run } from "./sandbox/run.ts"
import { isolationFault, type Way, wayOf } from "./sandbox/way.ts"
import { stage } from "./stage.ts"
import { treesOf } from "./tree.ts"

/** Characters of an output that a message holds; a repair round pays for each. */
const tail = 4000
/** Names of failing tests in a message. */
const named = 10

const failed = (message: string): Checked => ({ pass: false, message })

const counted = ({ failed: bad, failing, passed }: Counts): string => {
  if (bad === 0) return passed === 1 ? "1 test passed" : `${passed} tests passed`
  const names = failing.slice(0, named).join("; ")
  const more = failing.length > named ? `; and ${failing.length - named} more` : ""
  return `${bad} of ${passed + bad} tests failed${names === "" ? "" : `: ${names}${more}`}`
}

const withTail = (sentence: string, output: string): string => {
  const end = tailOf(steady(plain(output)), tail)
  return end === "" ? sentence : `${sentence}\n${end}`
}

type Reading = Pick<CommandOptions, "counts" | "junitFile">

const countsOf = ({ counts, junitFile }: Reading, output: string, report: string): Counts | undefined => {
  if (counts === "none") return undefined
  if (junitFile !== undefined) return countsIn(report, "junit")
  return countsIn(output, counts)
}

/** What a run says of the answer. Throws where it says nothing of it. */
export const checkedOf = (ran: Ran, reading: Reading): Checked => {
  switch (ran.kind) {
    case "fault":
      throw new Error(ran.why)
    case "stopped":
      return failed(withTail(`The command was stopped: ${ran.why}.`, ran.output))
    case "refused":
      return failed(withTail(`The answer cannot be used: ${ran.why}.`, ran.output))
    case "ended": {
      const counts = countsOf(reading, ran.output, ran.report)
      const asked = reading.junitFile !== undefined || !["auto", "none"].includes(reading.counts)
      const told = counts === undefined ? "" : `: ${counted(counts)}`
      if (ran.code !== 0) return failed(withTail(`The command failed with code ${ran.code}${told}.`, ran.output))
      if (counts !== undefined && counts.failed > 0) return failed(withTail(`The command failed${told}.`, ran.output))
      // A program that ends before its tests do ends with 0 too.
      if (asked && (counts === undefined || counts.passed === 0)) {
        return failed(withTail("The command ended with code 0, but no test passed.", ran.output))
      }
      return { pass: true, message: counts === undefined ? "the command ended with code 0" : counted(counts) }
    }
  }
}

/** The codes by which a shell says that it could not start a program: it may be there the next time. */
const unstarted: ReadonlyArray<number> = [126, 127]

/** Whether a run would end so again. What a limit stopped, and what the machine lacked, may be otherwise next time. */
const lasts = (ran: Ran): boolean => ran.kind !== "stopped" && !(ran.kind === "ended" && unstarted.includes(ran.code))

const isFolder = (path: string) => existsSync(path) && statSync(path).isDirectory()

const inFolder = (path: string, place: string): string => {
  const safe = safePath(path)
  if (Result.isFailure(safe)) throw new Error(`${place}: ${safe.failure}`)
  return safe.success
}

/** Refuses options that cannot be meant, and gives what does not depend on the case. */
const planOf = (options: CommandOptions, { folder, memory }: CheckContext) => {
  const { fixture, junitFile, repository } = options
  if (fixture !== undefined && repository !== undefined)
    throw new Error("fixture and repository: only one can be given")
  const at = (path: string) => resolve(folder, path)
  if (fixture !== undefined && !hasLabel(fixture) && !isFolder(at(fixture))) {
    throw new Error(`fixture: ${at(fixture)} is no folder`)
  }
  const commit = repository === undefined ? undefined : commitOf(at(repository.path), repository.commit)
  for (const name of Object.keys(options.env ?? {})) {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new Error(`env: ${JSON.stringify(name)} cannot be the name of a variable`)
  }
  if (options.files.default !== undefined && !hasLabel(options.files.default)) {
    inFolder(options.files.default, "files.default")
  }
  for (const path of options.files.keep ?? []) if (!hasLabel(path)) inFolder(path, "files.keep")
  const readOnly: Record<string, string> = {}
  for (const [place, path] of Object.entries(options.readOnly ?? {})) {
    if (!existsSync(at(path))) throw new Error(`readOnly: ${at(path)} is not there`)
    readOnly[inFolder(place, "readOnly")] = at(path)
  }
  const job = {
    ...(options.readOnly === undefined ? {} : { readOnly }),
    ...(options.setup === undefined ? {} : { setup: argvOf(options.setup) }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(junitFile === undefined ? {} : { report: inFolder(junitFile, "junitFile") }),
    limits: options.limits,
    timeoutMs: options.timeoutSeconds * 1000
  } satisfies Partial<Job>
  let files: Promise<string> | undefined
  /** The fixture's folder on this machine; a repository is read once. */
  const fixtureFor = async (labels: Readonly<Record<string, string>>): Promise<string | undefined> => {
    if (repository !== undefined && commit !== undefined) {
      files ??= checkedOut(at(repository.path), commit)
      return files
    }
    if (fixture === undefined) return undefined
    const path = at(withLabels(fixture, labels))
    if (!isFolder(path)) throw new Error(`the fixture ${isAbsolute(fixture) ? path : fixture} is no folder`)
    return path
  }
  const trees = treesOf(memory)
  /** What a run starts from, by its content, wherever it lies; and the places to look at again when it has run. */
  const groundFor = async (fixture: string | undefined) => {
    const looked = [...(commit === undefined && fixture !== undefined ? [fixture] : []), ...Object.values(readOnly)]
    const shown: Record<string, string> = {}
    for (const [place, path] of Object.entries(readOnly)) shown[place] = await trees.digest(path)
    const files = fixture === undefined ? undefined : (commit ?? (await trees.digest(fixture)))
    return { holds: { files, shown }, unchanged: () => trees.same(looked) }
  }
  return { job, fixtureFor, groundFor }
}

/** What the machine adds to a result; `form` is ours: it counts up when the same run would be told in other words. */
const machineOf = (way: Way) => ({
  form: 2,
  node: process.version,
  system: `${process.platform} ${process.arch}`,
  way: way.kind === "container" ? { kind: way.kind, image: way.image } : { kind: way.kind, path: way.path }
})

const wordsFor = (words: Words, labels: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  argvOf(words).map((word) => withLabels(word, labels))

/**
 * Puts the files of an answer into a fresh copy of a folder, or of a repository at a commit, and runs a command there, in a sandbox unless the suite says
 * otherwise. Passes when the command ends with code 0 and no test that it tells of failed; else the message holds the counts, the names of
 * failing tests and the end of the output. `{label:NAME}` in the command, the fixture and the default file is the case's label.
 */
export const command = check({
  id: "command",
  about: "a command (tests, a compiler) succeeds on the files in the answer, run in a sandbox",
  options: CommandOptions,
  needs: ({ isolation }) => isolationFault(isolation),
  make(options, context) {
    const { fixtureFor, groundFor, job } = planOf(options, context)
    const { isolation, memory } = context
    return ({ case: { labels }, output }: CheckInput) =>
      Effect.gen(function* () {
        const standard = options.files.default
        const files = { ...options.files, ...(standard === undefined ? {} : { default: withLabels(standard, labels) }) }
        const kept = [...(options.files.keep ?? []), ...Object.keys(options.readOnly ?? {})]
        const keep = kept.map((path) => withLabels(path, labels))
        const argv = wordsFor(options.command, labels)
        const fixture = yield* Effect.promise(() => fixtureFor(labels))
        const edits = editsOf(output, files)
        if (Result.isFailure(edits)) return failed(`The answer cannot be used: ${edits.failure}.`)
        const way = yield* wayOf(isolation)
        if (Result.isFailure(way)) throw new Error(way.failure)
        const { holds, unchanged } = yield* Effect.promise(() => groundFor(fixture))
        const machine = machineOf(way.success)
        const key = digestOf({ check: "command", options, isolation, machine, holds, argv, keep, edits: edits.success })
        const known = yield* memory.get(key)
        if (known !== undefined) return known
        const folder = yield* scopedFolder
        const staged = stage(edits.success, fixture, folder, keep)
        if (Result.isFailure(staged)) return failed(`The answer cannot be used: ${staged.failure}.`)
        const ran = yield* run(isolation, {
          ...job,
          ...staged.success,
          ...(options.files.keep === undefined ? {} : { keep: keep.slice(0, options.files.keep.length) }),
          ...(fixture === undefined ? {} : { fixture }),
          argv
        })
        const checked = checkedOf(ran, options)
        // What was changed meanwhile is not what the key says.
        return yield* memory.keep(key, checked, lasts(ran) && (yield* Effect.promise(unchanged)))
      }).pipe(Effect.scoped)
  }
})
