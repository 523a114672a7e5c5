import { basename, isAbsolute, relative } from "node:path"

import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { importers } from "../archive/registry.ts"
import { checks } from "../checks/registry.ts"
import { strategies } from "../climb/registry.ts"
import { answerOf } from "../domain/Answer.ts"
import type { CaseRow } from "../domain/Case.ts"
import { Fault } from "../domain/Fault.ts"
import { type NanoUsd, nanoOf } from "../domain/Money.ts"
import { type Selection, selectCases } from "../evaluate/cases.ts"
import { sessionEnds } from "../evaluate/evaluate.ts"
import { graders } from "../graders/registry.ts"
import { priceBook } from "../pricing/book.ts"
import { costOf } from "../pricing/cost.ts"
import { decimalText } from "../pricing/decimal.ts"
import { providers } from "../providers/registry.ts"
import { Archives, type CallRow } from "../store/Archives.ts"
import { type LoadedSuite, loadSuite } from "../suite/load.ts"
import { type Elsewhere, openAccount, priceIn, resolveProvider, whyNotAsked } from "./accounts.ts"
import { archiveOf } from "./archives.ts"
import { readReferences } from "./references.ts"

/** What the command line adds to a suite. */
export interface RunOptions {
  readonly config?: string | undefined
  readonly budget?: string | undefined
  readonly slices?: ReadonlyArray<string>
  readonly setups?: ReadonlyArray<string>
  readonly cases?: ReadonlyArray<string>
  readonly limit?: number | undefined
  readonly inconclusive?: "pass" | "fail"
  readonly elsewhere?: Elsewhere
  /** The providers are the bundled fleet: everything that shows says so. */
  readonly simulated?: boolean
}

/** Seed of the session order where the suite samples nothing. */
const defaultSeed = 7

const commonest = (calls: ReadonlyArray<CallRow>): CallRow | undefined => {
  const counts = new Map<string, number>()
  for (const { model } of calls) counts.set(model, (counts.get(model) ?? 0) + 1)
  const [model] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0] ?? []
  return calls.find((call) => call.model === model)
}

const sliceOf = (slice: LoadedSuite["cases"]["slice"]) =>
  slice === undefined
    ? () => "all"
    : typeof slice === "function"
      ? (call: CallRow) => String(slice(call))
      : (call: CallRow) => call.labels[slice.slice("label:".length)] ?? `no ${slice.slice("label:".length)}`

const selectionOf = Effect.fnUntraced(function* ({ cases }: LoadedSuite, incumbent: string) {
  const { references, sample, where } = cases
  const answers = references === undefined ? undefined : yield* readReferences(references.path)
  const selection: Selection = {
    fidelity: where.fidelity,
    incumbent,
    sliceOf: sliceOf(cases.slice),
    cluster: cases.cluster,
    seed: sample?.seed ?? defaultSeed,
    ...(where.since === undefined ? {} : { since: where.since }),
    ...(where.until === undefined ? {} : { until: where.until }),
    ...(where.models === undefined ? {} : { models: where.models }),
    ...(where.labels === undefined ? {} : { labels: where.labels }),
    ...(sample === undefined ? {} : { sample }),
    ...(references === undefined || answers === undefined
      ? {}
      : {
          references: {
            answers,
            keyOf: (call: CallRow) =>
              references.key === "id" ? (call.nativeId ?? call.id) : call.labels[references.key.slice("label:".length)]
          }
        })
  }
  return selection
})

/** References that fit no case are a wrong key, and would quietly turn every comparison into one with the original. */
const checkReferences = (
  { cases: { references } }: LoadedSuite,
  rows: ReadonlyArray<CaseRow>,
  selection: Selection,
  calls: ReadonlyArray<CallRow>
): Effect.Effect<void, Fault> => {
  if (references === undefined || selection.references === undefined) return Effect.void
  if (rows.some(({ expected }) => expected !== undefined)) return Effect.void
  const { answers, keyOf } = selection.references
  const some = (keys: ReadonlyArray<string | undefined>) =>
    [...new Set(keys.filter((key) => key !== undefined))].slice(0, 3).join(", ") || "none"
  return Effect.fail(
    new Fault({
      kind: "input",
      sentence: `none of its ${answers.size} reference answers fits a case by ${references.key}`,
      file: references.path,
      mend: `Its keys are, for example, ${some([...answers.keys()])}; by ${references.key} the archive's calls have ${some(calls.map(keyOf))}. Mend cases.references.key or the file.`
    })
  )
}

/** Narrows cases by what the command line says; a limit keeps whole sessions. */
const narrowed = (rows: ReadonlyArray<CaseRow>, { cases, limit, slices }: RunOptions): ReadonlyArray<CaseRow> => {
  const kept = rows.filter(
    (row) =>
      (slices === undefined || slices.length === 0 || slices.includes(row.slice)) &&
      (cases === undefined || cases.length === 0 || cases.some((id) => row.id.startsWith(id)))
  )
  if (limit === undefined || limit >= kept.length) return kept
  return kept.slice(0, sessionEnds(kept).find((end) => end >= limit) ?? kept.length)
}

const noCases = (suite: LoadedSuite, left: Readonly<Record<string, number>>, calls: number) =>
  new Fault({
    kind: "input",
    sentence:
      calls === 0
        ? "the archive holds no call"
        : `none of the archive's ${calls} calls can be replayed: ${Object.entries(left)
            .map(([reason, count]) => `${count} ${reason}`)
            .join(", ")}`,
    file: suite.file,
    mend: "Look at `understudy archive`, then at cases.where, incumbent and the flags that narrow."
  })

const chosenSetups = Effect.fnUntraced(function* (suite: LoadedSuite, wanted: ReadonlyArray<string> = []) {
  if (wanted.length === 0) return suite.setups
  const chosen = suite.setups.filter(({ id, label }) => wanted.some((text) => id === text || label.includes(text)))
  if (chosen.length > 0) return chosen
  return yield* new Fault({
    kind: "usage",
    sentence: `no setup of the suite fits ${wanted.join(", ")}`,
    file: suite.file,
    mend: `Setups: ${suite.setups.map(({ label }) => label).join("; ")}.`
  })
})

const budgetOf = Effect.fnUntraced(function* (suite: LoadedSuite, flag: string | undefined) {
  const dollars = flag ?? suite.budget?.usd
  if (dollars === undefined) return null
  const text = decimalText(dollars)
  const nano = text === undefined ? undefined : nanoOf(text)
  if (nano !== undefined && nano >= 0n) return nano
  return yield* new Fault({
    kind: "usage",
    sentence: `--budget ${JSON.stringify(dollars)} is not an amount of dollars`,
    mend: "For example --budget 20"
  })
})

/** A file as documents name it: from the working folder, or by its name alone where it lies elsewhere. */
const shownPath = (file: string) => {
  const path = relative(process.cwd(), file)
  return path.startsWith("..") || isAbsolute(path) ? basename(file) : path
}

/** Everything a run needs, settled before anything is spent. */
export const prepareRun = Effect.fn("Runs.prepare")(function* (suiteFile: string, options: RunOptions) {
  const suite = yield* loadSuite(suiteFile, {
    registries: { graders, checks, providers, importers, strategies },
    cwd: process.cwd(),
    ...(options.config === undefined ? {} : { config: options.config })
  })
  if ([options.slices, options.setups, options.cases].some((names) => names?.some((name) => name.trim() === ""))) {
    return yield* new Fault({
      kind: "usage",
      sentence: "--slice, --setup and --case want a name, and one is empty",
      mend: "Leave the flag out to take all of them."
    })
  }
  const setups = yield* chosenSetups(suite, options.setups)
  const budget = yield* budgetOf(suite, options.budget)
  const archives = yield* Archives
  const archive = yield* archiveOf(suite)
  const calls = yield* archives.rows(archive)
  const first = commonest(calls)
  if (first === undefined) return yield* noCases(suite, {}, 0)
  const incumbent = suite.incumbent ?? { provider: first.provider ?? "openai", model: first.model }
  const selection = yield* selectionOf(suite, incumbent.model)
  const selected = selectCases(calls, selection)
  const rows = narrowed(selected.rows, options)
  const left = {
    ...selected.left,
    ...(rows.length < selected.rows.length ? { "narrowed by flags": selected.rows.length - rows.length } : {})
  }
  if (rows.length === 0) return yield* noCases(suite, left, calls.length)
  yield* checkReferences(suite, selected.rows, selection, calls)

  const book = yield* priceBook(suite.prices)
  const named = [...new Set(setups.map(({ provider }) => provider))]
  const resolved = resolveProvider(incumbent.provider, suite, options.elsewhere)
  const incumbentPrice = priceIn(
    book,
    resolved ?? { name: incumbent.provider, kind: incumbent.provider, baseURL: undefined },
    incumbent.model
  )
  const whyNot =
    suite.noiseFloor === "skip"
      ? 'the suite says noiseFloor: "skip"'
      : ((yield* whyNotAsked(incumbent.provider, resolved)) ??
        (budget !== null && incumbentPrice === undefined
          ? "it has no price, and a run with a budget asks nothing without a price"
          : null))
  const opening = [...named, ...(whyNot === null && !named.includes(incumbent.provider) ? [incumbent.provider] : [])]
  const accounts = yield* Effect.forEach(opening, (name) =>
    openAccount(resolveProvider(name, suite, options.elsewhere)!, book)
  )
  const reader = yield* archives.reader(archive)
  return {
    suite,
    suiteFile: shownPath(suite.file),
    setups,
    budget,
    archive: { name: archive, digest: yield* archives.digest(archive), calls },
    rows,
    left,
    narrowed: rows.length < selected.rows.length,
    seed: selection.seed,
    incumbent: { ...incumbent, whyNot, price: incumbentPrice },
    incumbentCost: rows.map((row): NanoUsd | null =>
      incumbentPrice === undefined ? null : (costOf(row.usage, incumbentPrice)?.total ?? null)
    ),
    accounts,
    simulated: options.simulated === true,
    fixedAt: DateTime.formatIso(yield* DateTime.now),
    mayReceive: (provider: string, row: CaseRow) =>
      Object.entries(suite.providers[provider]?.mayReceive?.labels ?? {}).every(([name, values]) =>
        values.includes(row.labels[name] ?? "")
      ),
    load: (row: CaseRow) =>
      Effect.map(reader.load(row.callId), (call) => ({
        ...row,
        request: call.request,
        original: answerOf(call.response, call.usage)
      }))
  }
})

export type PreparedRun = Effect.Success<ReturnType<typeof prepareRun>>
