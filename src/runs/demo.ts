import { join, resolve } from "node:path"

import * as Effect from "effect/Effect"

import type { RunResult } from "../domain/RunResult.ts"
import { counted, percent } from "../report/figures.ts"
import { renderers } from "../report/registry.ts"
import { renderReport } from "../report/render.ts"
import { standingsTable } from "../report/terminal.ts"
import { checkSentences, judgeSentences } from "../report/trials.ts"
import { simulatedSentence, verdictSentence } from "../report/wording.ts"
import { serve } from "../standin/Fleet.ts"
import type { FleetOptions } from "../standin/FleetOptions.ts"
import { Archives } from "../store/Archives.ts"
import { Home } from "../store/Home.ts"
import { stores } from "../store/stores.ts"
import type { Elsewhere } from "./accounts.ts"
import { type BundledSuite, bundledFile, bundledSuites } from "./bundled.ts"
import { climbPrepared } from "./climb.ts"
import { checkFolder } from "./folder.ts"
import { prepareRun } from "./prepare.ts"

/** The suite's providers at the fleet's port of today; their name in cache and documents stays the same. */
const at = (fleet: { readonly url: string; readonly openaiURL: string }): Elsewhere => ({
  "fleet-openai": { baseURL: fleet.openaiURL, host: "simulated fleet (OpenAI wire)" },
  "fleet-anthropic": { baseURL: fleet.url, host: "simulated fleet (Anthropic wire)" },
  "fleet-ollama": { baseURL: fleet.url, host: "simulated fleet (Ollama wire)" }
})

const floorWords = ({ floor, incumbent }: RunResult): string => {
  const [gate] = floor.gates
  return floor.mode === "measured"
    ? `${incumbent.model}, asked the same again, does the same work as its own archived answer in ${gate === undefined ? "no" : `${percent(gate.floor.estimate)} of the`} cases. No setup is held to more.`
    : `none is needed: ${floor.why}.`
}

/** What the demonstration does and finds, in words. */
const story = (result: RunResult, files: ReadonlyArray<string>) => {
  const { archive, incumbent, spend } = result
  return [
    simulatedSentence(result) ?? "",
    "",
    `1. The archive: ${counted(archive.calls, "call")} that ${incumbent.model} answered, ${counted(archive.cases, "case")} in ${counted(archive.clusters, "session")}, ${counted(archive.slices.length, "slice")}.`,
    `2. The noise floor: ${floorWords(result)}`,
    `3. The climb: ${counted(result.standings.length, "setup")} tried over ${counted(new Set(result.providers.map(({ kind }) => kind)).size, "wire")}, cheapest first; ${counted(spend.calls, "call")} paid for in simulated money, ${counted(spend.cached, "answer")} from the cache.`,
    "",
    standingsTable(result),
    ...(result.checks ?? []).flatMap(checkSentences).map((sentence) => `  ${sentence}`),
    ...judgeSentences(result).map((sentence) => `  ${sentence}`),
    ...result.untried.map(({ reason, setup }) => `  not tried: ${setup.label}: ${reason}`),
    "",
    verdictSentence(result),
    "",
    "The evidence:",
    ...files.map((file) => `  ${file}`)
  ].join("\n")
}

/** The whole job of a bundled suite with the bundled fleet, kept in a home of its own; gives the run's result. */
export const runDemo = Effect.fn("Runs.runDemo")(function* (
  fleet: FleetOptions,
  suite: BundledSuite = bundledSuites[0]
) {
  const served = yield* serve(fleet)
  const archives = yield* Archives
  // An archive of an earlier version of the sample would mix with this one; the answers are kept.
  if ((yield* archives.names).includes(suite)) yield* archives.remove(suite)
  const prepared = yield* prepareRun(bundledFile(suite), { elsewhere: at(served), simulated: true })
  return yield* climbPrepared(prepared)
}, Effect.scoped)

/** `demo`: runs a suite, writes its report into `out` and tells what was found. */
export const demo = Effect.fn("Runs.demo")(function* (out: string, suite: BundledSuite = bundledSuites[0]) {
  yield* checkFolder("--out", out)
  const home = yield* Home
  return yield* Effect.gen(function* () {
    const result = yield* runDemo({}, suite)
    const files = yield* renderReport(
      result.run,
      renderers.map(({ id }) => id),
      resolve(out)
    )
    return { doc: { ...result, report: files }, text: story(result, files) }
  }).pipe(Effect.provide(stores(join(home.root, "demo")), { local: true })) // else the stores of the home around it would be shared
})
