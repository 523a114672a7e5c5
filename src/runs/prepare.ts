import { basename, isAbsolute, relative } from "node:path"

import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { keepHeapSmall } from "../archive/heap.ts"
import { importers } from "../archive/registry.ts"
import { checks } from "../checks/registry.ts"
import { strategies } from "../climb/registry.ts"
import { answerOf } from "../domain/Answer.ts"
import type { CaseRow } from "../domain/Case.ts"
import { Fault } from "../domain/Fault.ts"
import { type NanoUsd, usd } from "../domain/Money.ts"
import { endsInIncumbent, type Setup, targetsOf } from "../domain/Setup.ts"
import { graders } from "../graders/registry.ts"
import { priceBook } from "../pricing/book.ts"
import { costOf } from "../pricing/cost.ts"
import { loadListContexts } from "../pricing/listPrices.ts"
import { providers } from "../providers/registry.ts"
import { count, counted } from "../report/figures.ts"
import { Archives, type CallRow } from "../store/Archives.ts"
import { digestOfIds } from "../store/archiveIndex.ts"
import { CheckResults } from "../store/CheckResults.ts"
import { type LoadedSuite, loadSuite } from "../suite/load.ts"
import { type Elsewhere, openAccount, priceIn, resolveProvider, whyNotAsked } from "./accounts.ts"
import { archiveOf } from "./archives.ts"
import { capabilitiesOf } from "./capabilities.ts"
import { capsOf } from "./caps.ts"
import { casesOf, some } from "./cases.ts"
import { checkJudgePrices, guarded, judgesOf } from "./judges.ts"

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

/** The archive's commonest model is the incumbent where the suite names none. */
const incumbentOf = Effect.fnUntraced(function* (suite: LoadedSuite, calls: ReadonlyArray<CallRow>, archive: string) {
  const models = new Map<string, Array<CallRow>>()
  for (const call of calls) {
    const same = models.get(call.model)
    if (same === undefined) models.set(call.model, [call])
    else same.push(call)
  }
  const ranked = [...models].sort(([a, m], [b, n]) => n.length - m.length || (a < b ? -1 : 1))
  const [first] = ranked[0]?.[1] ?? []
  if (first === undefined) {
    return yield* new Fault({
      kind: "input",
      sentence: `the archive ${archive} holds no call`,
      file: suite.file,
      mend: "Import some: understudy import PATH"
    })
  }
  const incumbent = suite.incumbent ?? { provider: first.provider ?? "openai", model: first.model }
  if (models.has(incumbent.model)) return incumbent
  return yield* new Fault({
    kind: "input",
    sentence: `incumbent.model: none of the ${counted(calls.length, "call")} of archive ${archive} was answered by ${JSON.stringify(incumbent.model)}`,
    file: suite.file,
    mend: `Its models: ${some(ranked.map(([model, same]) => `${model} (${count(same.length)})`))}.`
  })
})

const chosenSetups = Effect.fnUntraced(function* (suite: LoadedSuite, wanted: ReadonlyArray<string> = []) {
  const fits = (text: string) => (setup: Setup) => setup.id === text || setup.label.includes(text)
  const idle = wanted.filter((text) => !suite.setups.some(fits(text)))
  if (idle.length > 0) {
    return yield* new Fault({
      kind: "usage",
      sentence: `no setup of the suite fits ${idle.map((text) => `--setup ${text}`).join(", ")}`,
      file: suite.file,
      mend: `Setups: ${some(suite.setups.map(({ label }) => label))}.`
    })
  }
  return wanted.length === 0 ? suite.setups : suite.setups.filter((setup) => wanted.some((text) => fits(text)(setup)))
})

/** What the archive says the cases' calls were billed, and of how many it says so. */
const billedOf = (calls: ReadonlyArray<CallRow>, rows: ReadonlyArray<CaseRow>) => {
  const billed = calls.filter((call) => call.billedNanoUsd !== null)
  const cases = new Set(billed.length === 0 ? [] : rows.map((row) => row.callId))
  const known = billed.filter((call) => cases.has(call.id))
  return {
    usdBilled: known.length === 0 ? null : usd(known.reduce((sum, call) => sum + BigInt(call.billedNanoUsd!), 0n)),
    casesBilled: known.length
  }
}

/** From here on a heap that grows as it likes is more memory than collecting it costs time. */
const manyCalls = 20_000

/** The incumbent, the cases, and what else a run has to know of the archive's calls: the calls themselves are too many to be held on to. */
const chosenOf = Effect.fnUntraced(function* (suite: LoadedSuite, archive: string, options: RunOptions) {
  const archives = yield* Archives
  const calls = yield* archives.rows(archive)
  if (calls.length > manyCalls) keepHeapSmall(50)
  const incumbent = yield* incumbentOf(suite, calls, archive)
  const cases = yield* casesOf(suite, calls, incumbent.model, options)
  const digest = digestOfIds(calls.map(({ id }) => id))
  return { ...cases, incumbent, about: { digest, calls: calls.length, billed: billedOf(calls, cases.rows) } }
})

/** A file as documents name it: from the working folder, or by its name alone where it lies elsewhere. */
const shownPath = (file: string) => {
  const path = relative(process.cwd(), file)
  return path.startsWith("..") || isAbsolute(path) ? basename(file) : path
}

/** Everything a run needs, settled before anything is spent. */
export const prepareRun = Effect.fn("Runs.prepare")(function* (suiteFile: string, options: RunOptions) {
  const { get, keep } = yield* CheckResults
  const suite = yield* loadSuite(suiteFile, {
    memory: { get: (key) => Effect.orDie(get(key)), keep },
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
  const caps = yield* capsOf(suite, setups, options.budget)
  const archives = yield* Archives
  const archive = yield* archiveOf(suite)
  const { about, incumbent, left, merged, narrowed, rows, seed } = yield* chosenOf(suite, archive, options)

  const book = yield* priceBook(suite.prices)
  const named = [...new Set(setups.flatMap((setup) => targetsOf(setup, incumbent)).map(({ provider }) => provider))]
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
        (caps.hold(incumbent.provider) && incumbentPrice === undefined && resolved?.machine === undefined
          ? "it has no price, and a run with a budget asks nothing without a price"
          : null))
  const stuck = whyNot === null ? undefined : setups.find(endsInIncumbent)
  if (stuck !== undefined) {
    return yield* new Fault({
      kind: "input",
      sentence: `the setup ${stuck.label} ends in the incumbent ${incumbent.provider}/${incumbent.model}, which cannot be asked: ${whyNot}`,
      file: suite.file,
      mend: "Make it reachable, or let the cascade end in another setup."
    })
  }
  const judges = judgesOf(suite.graders)
  const opening = [
    ...new Set([...named, ...(whyNot === null ? [incumbent.provider] : []), ...judges.map(({ provider }) => provider)])
  ]
  const accounts = yield* Effect.forEach(opening, (name) =>
    openAccount(resolveProvider(name, suite, options.elsewhere)!, book, caps.provider(name))
  )
  const priced = ({ model, provider }: { readonly provider: string; readonly model: string }) =>
    accounts.find(({ name }) => name === provider)?.priceOf(model) !== undefined
  yield* checkJudgePrices(judges, caps, priced, suite.file)
  const reader = yield* archives.reader(archive)
  const machine = resolved?.machine && { ...resolved.machine, asOf: DateTime.formatIsoDate(yield* DateTime.now) }
  const mayReceive = (provider: string, { labels }: Pick<CaseRow, "labels">) =>
    Object.entries(suite.providers[provider]?.mayReceive?.labels ?? {}).every(([name, values]) =>
      values.includes(labels[name] ?? "")
    )
  return {
    suite: { ...suite, graders: guarded(suite.graders, mayReceive) },
    judges,
    suiteFile: shownPath(suite.file),
    setups,
    budget: caps.run,
    caps,
    archive: { name: archive, ...about },
    rows,
    left,
    merged,
    narrowed,
    seed,
    incumbent: { ...incumbent, whyNot, price: incumbentPrice, machine },
    incumbentCost: rows.map((row): NanoUsd | null =>
      incumbentPrice === undefined ? null : (costOf(row.usage, incumbentPrice)?.total ?? null)
    ),
    accounts,
    simulated: options.simulated === true,
    asking: {
      stream: suite.stream,
      refusedParameters: suite.refusedParameters,
      capabilities: capabilitiesOf(
        suite,
        (name) => resolveProvider(name, suite, options.elsewhere),
        yield* loadListContexts
      )
    },
    fixedAt: DateTime.formatIso(yield* DateTime.now),
    mayReceive,
    load: (row: CaseRow) =>
      Effect.map(reader.load(row.callId), (call) => ({
        ...row,
        request: call.request,
        original: answerOf(call.response, call.usage),
        ...(call.timing.latencyMs === undefined ? {} : { latencyMs: call.timing.latencyMs }),
        ...(call.timing.ttftMs === undefined ? {} : { ttftMs: call.timing.ttftMs })
      }))
  }
})

export type PreparedRun = Effect.Success<ReturnType<typeof prepareRun>>
