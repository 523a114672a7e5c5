import { existsSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join, relative } from "node:path"

import * as Effect from "effect/Effect"

import { readSlices } from "../archive/slices/file.ts"
import { type ArchiveSummary, archiveSummary } from "../archive/summary.ts"
import { answerOf } from "../domain/Answer.ts"
import { Fault } from "../domain/Fault.ts"
import { counted } from "../report/figures.ts"
import { Archives } from "../store/Archives.ts"
import { onDisk } from "../store/disk.ts"
import { Home } from "../store/Home.ts"
import { findConfig } from "../suite/config.ts"
import { resolveProvider, whyNotAsked } from "./accounts.ts"
import {
  type Choices,
  configText,
  likelySlice,
  shapeOf,
  sliceLabels,
  suiteText,
  type Vendor,
  vendorOf,
  vendors
} from "./firstSuite.ts"
import { onlyArchive } from "./onlyArchive.ts"
import { choose, write } from "./questions.ts"

/** What `init` was told. */
export interface InitInput {
  readonly name: string | undefined
  readonly archive: string | undefined
  readonly provider: Vendor | undefined
  readonly models: ReadonlyArray<string>
  /** Ask for what was not told, where there is a terminal to ask at. */
  readonly ask: boolean
}

const isName = (text: string) => /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u.test(text)
const namesAre = 'a name of letters, digits, ".", "_" and "-"'

/** An archive's name as a suite's, which may hold no spaces. */
const suiteNameOf = (archive: string) =>
  archive.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[._-]+/, "") || "first"

/** Calls whose content is looked at. */
const looked = 200

const pickArchive = Effect.fnUntraced(function* ({ archive, ask }: InitInput) {
  if (archive !== undefined || !ask) return yield* onlyArchive(archive)
  const names = yield* (yield* Archives).names
  if (names.length < 2) return yield* onlyArchive(undefined)
  return yield* choose(
    "Which archive?",
    names.map((name) => ({ title: name, value: name }))
  )
})

const pickName = Effect.fnUntraced(function* ({ ask, name }: InitInput, archive: string) {
  if (name === undefined && !ask) return suiteNameOf(archive)
  if (name === undefined) {
    return yield* write("Name of the suite", suiteNameOf(archive), (text) => (isName(text) ? undefined : namesAre))
  }
  if (isName(name)) return name
  return yield* new Fault({
    kind: "usage",
    sentence: `"${name}" cannot be the name of a suite`,
    mend: `It is ${namesAre}.`
  })
})

const pickProvider = Effect.fnUntraced(function* ({ ask, models, provider }: InitInput, summary: ArchiveSummary) {
  const guess = models[0] === undefined ? vendorOf("", summary.models[0]?.provider) : vendorOf(models[0])
  if (provider !== undefined) return provider
  if (ask) {
    const order = [...vendors].sort((a, b) => Number(b === guess) - Number(a === guess))
    return yield* choose(
      "Whose models are to be tried?",
      order.map((name) => ({ title: name, value: name }))
    )
  }
  if (guess !== undefined) return guess
  const whose = models[0] === undefined ? "the archive does not tell" : `the name ${models[0]} does not tell`
  return yield* new Fault({
    kind: "usage",
    sentence: `${whose} whose models are to be tried`,
    mend: `Say it: --provider ${vendors.join(" | ")}`
  })
})

const pickModels = Effect.fnUntraced(function* (
  { ask, models }: InitInput,
  provider: Vendor
): Effect.fn.Return<Choices["models"], Fault, Effect.Services<ReturnType<typeof write>>> {
  const split = (text: string) => [...new Set(text.split(",").map((one) => one.trim()))].filter((one) => one !== "")
  const given = models.flatMap(split)
  const told =
    given.length > 0 || !ask
      ? given
      : split(
          yield* write(`Models of ${provider} to try, separated by commas`, undefined, (text) =>
            split(text).length > 0 ? undefined : "one at least"
          )
        )
  const [first, ...rest] = told
  if (first !== undefined) return [first, ...rest]
  return yield* new Fault({
    kind: "usage",
    sentence: "no model to try is named",
    mend: "Name one or more: --model NAME. Cheaper ones than the archive's."
  })
})

/** Slices that the archive's prompts fall into, the largest first; fewer than two divide nothing. */
const inferredSlices = Effect.fnUntraced(function* (archive: string) {
  const names = ((yield* readSlices(archive)) ?? []).filter(({ calls }) => calls > 0).map(({ slice }) => slice)
  return names.length < 2 ? [] : names
})

const pickSlice = Effect.fnUntraced(function* (
  { ask }: InitInput,
  { labels, name }: ArchiveSummary,
  fit: ReadonlyArray<string>
): Effect.fn.Return<Choices["slice"], Fault, Archives | Effect.Services<ReturnType<typeof write>>> {
  const likely = likelySlice(fit)
  const names = yield* inferredSlices(name)
  const byLabel = (label: string) => ({ by: "label", name: label }) as const
  const byTemplate = names.length === 0 ? undefined : ({ by: "template", names } as const)
  if (!ask || (fit.length === 0 && byTemplate === undefined)) return likely === undefined ? byTemplate : byLabel(likely)
  const valuesOf = (label: string) => labels.find((one) => one.name === label)?.common.join(", ") ?? ""
  const none = { title: "nothing: all calls are one task", value: undefined }
  const named = fit.map((label) => ({ title: `${label}: ${valuesOf(label)}`, value: byLabel(label) }))
  const prompts =
    byTemplate === undefined
      ? []
      : [{ title: `the templates of the prompts: ${names.slice(0, 5).join(", ")}`, value: byTemplate }]
  return yield* choose<Choices["slice"]>(
    "What tells the task type?",
    likely === undefined ? [...prompts, none, ...named] : [...named, ...prompts, none]
  )
})

/** The shape of the archive's answers, from a sample spread over it. */
const lookInto = Effect.fnUntraced(function* (archive: string) {
  const archives = yield* Archives
  const rows = (yield* archives.rows(archive)).filter(({ complete }) => complete)
  const reader = yield* archives.reader(archive)
  const every = Math.max(1, rows.length / looked)
  const picked = Array.from({ length: Math.min(looked, rows.length) }, (_, at) => rows[Math.floor(at * every)]!)
  const calls = yield* Effect.forEach(picked, ({ id }) => reader.load(id))
  return shapeOf(calls.map(({ request, response, usage }) => ({ request, answer: answerOf(response, usage) })))
}, Effect.scoped)

const incumbentOf = ({ models }: ArchiveSummary): Choices["incumbent"] => {
  const [commonest] = models
  if (commonest === undefined) return undefined
  const provider = commonest.provider ?? vendorOf(commonest.model)
  return provider === undefined ? undefined : { provider, model: commonest.model }
}

/** Writes a file that is not there yet. */
const create = (file: string, text: string) =>
  onDisk(file, async () => {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text, { flag: "wx" })
  })

/** Writes a first suite and config into a folder. */
export const initIn = Effect.fn("Runs.init")(function* (cwd: string, input: InitInput) {
  const archive = yield* pickArchive(input)
  const summary = yield* archiveSummary(archive)
  const name = yield* pickName(input, archive)
  const file = join(cwd, "suites", `${name}.suite.ts`)
  if (existsSync(file)) {
    return yield* new Fault({
      kind: "input",
      file,
      sentence: "there is such a suite already, and it is not overwritten",
      mend: "Give another name (understudy init NAME), or move the file away."
    })
  }
  const provider = yield* pickProvider(input, summary)
  const models = yield* pickModels(input, provider)
  const fit = sliceLabels(summary)
  const choices: Choices = {
    name,
    archive: summary,
    incumbent: incumbentOf(summary),
    slice: yield* pickSlice(input, summary, fit),
    otherLabels: fit,
    shape: yield* lookInto(archive),
    provider,
    models
  }

  const config = join(cwd, "understudy.config.ts")
  const home = (yield* Home).root
  yield* create(file, suiteText(choices))
  const written = [file]
  if (findConfig(cwd) === undefined) {
    yield* create(config, configText)
    written.push(config)
  }
  const keyEnv = resolveProvider(provider, { providers: {} })?.keyEnv
  const ready = (yield* whyNotAsked(provider, resolveProvider(provider, { providers: {} }))) === null
  const suite = relative(cwd, file)
  const where = home === join(cwd, ".understudy") ? "" : ` --home ${relative(cwd, home)}`
  return {
    doc: { files: written.map((one) => relative(cwd, one)) },
    text: [
      ...written.map((one) => `wrote ${relative(cwd, one)}`),
      "",
      `It is about the ${counted(summary.calls, "call")} of archive ${archive}. Read it, then:`,
      ...(ready ? [] : [`  set ${keyEnv} in the environment`]),
      `  understudy replay ${suite} --limit 50 --budget 1${where}    a first look, for a dollar at most`,
      `  understudy climb ${suite}${where}    the search`
    ].join("\n")
  }
})

/**
 * Writes a first suite, and a config where there is none here or above, by asking or from flags. Nothing is overwritten. The document lists the files, relative to this folder.
 */
export const init = (input: InitInput) =>
  Effect.suspend(() => {
    const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true
    return initIn(process.cwd(), { ...input, ask: input.ask && terminal })
  })
