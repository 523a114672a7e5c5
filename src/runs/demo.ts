import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

import * as Effect from "effect/Effect"

import type { RunResult } from "../domain/RunResult.ts"
import { counted, percent } from "../report/figures.ts"
import { renderers } from "../report/registry.ts"
import { renderReport } from "../report/render.ts"
import { standingsTable } from "../report/terminal.ts"
import { simulatedSentence, verdictSentence } from "../report/wording.ts"
import { serve } from "../standin/Fleet.ts"
import type { FleetOptions } from "../standin/FleetOptions.ts"
import { Archives } from "../store/Archives.ts"
import { Home } from "../store/Home.ts"
import { stores } from "../store/stores.ts"
import type { Elsewhere } from "./accounts.ts"
import { climbPrepared } from "./climb.ts"
import { checkFolder } from "./folder.ts"
import { prepareRun } from "./prepare.ts"

/** The bundled suite: above src/runs/ in a checkout, above dist/ in the package. */
const suiteFile = ["../../suites/demo.suite.ts", "../suites/demo.suite.ts"]
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path))

/** The suite's providers at the fleet's port of today; their name in cache and documents stays the same. */
const at = (fleet: { readonly url: string; readonly openaiURL: string }): Elsewhere => ({
  "fleet-openai": { baseURL: fleet.openaiURL, host: "simulated fleet (OpenAI wire)" },
  "fleet-anthropic": { baseURL: fleet.url, host: "simulated fleet (Anthropic wire)" },
  "fleet-ollama": { baseURL: fleet.url, host: "simulated fleet (Ollama wire)" }
})

/** What the demonstration does and finds, in words. */
const story = (result: RunResult, files: ReadonlyArray<string>) => {
  const { archive, floor, incumbent, spend } = result
  const [gate] = floor.gates
  return [
    simulatedSentence(result) ?? "",
    "",
    `1. The archive: ${counted(archive.calls, "call")} that ${incumbent.model} answered, ${counted(archive.cases, "case")} in ${counted(archive.clusters, "session")}, ${counted(archive.slices.length, "slice")}.`,
    `2. The noise floor: ${incumbent.model}, asked the same again, does the same work as its own archived answer in ${gate === undefined ? "no" : `${percent(gate.floor.estimate)} of the`} cases. No setup is held to more.`,
    `3. The climb: ${counted(result.standings.length, "setup")} tried over three wires, cheapest first; ${counted(spend.calls, "call")} paid for in simulated money, ${counted(spend.cached, "answer")} from the cache.`,
    "",
    standingsTable(result),
    ...result.untried.map(({ reason, setup }) => `  not tried: ${setup.label}: ${reason}`),
    "",
    verdictSentence(result),
    "",
    "The evidence:",
    ...files.map((file) => `  ${file}`)
  ].join("\n")
}

/** The whole job on the bundled sample with the bundled fleet, kept in a home of its own; gives the run's result. */
export const runDemo = Effect.fn("Runs.runDemo")(function* (fleet: FleetOptions) {
  const served = yield* serve(fleet)
  const archives = yield* Archives
  // An archive of an earlier version of the sample would mix with this one; the answers are kept.
  if ((yield* archives.names).includes("demo")) yield* archives.remove("demo")
  const prepared = yield* prepareRun(suiteFile ?? "suites/demo.suite.ts", { elsewhere: at(served), simulated: true })
  return yield* climbPrepared(prepared)
}, Effect.scoped)

/** `demo`: runs it, writes its report into `out` and tells what was found. */
export const demo = Effect.fn("Runs.demo")(function* (out: string) {
  yield* checkFolder("--out", out)
  const home = yield* Home
  return yield* Effect.gen(function* () {
    const result = yield* runDemo({})
    const files = yield* renderReport(
      result.run,
      renderers.map(({ id }) => id),
      resolve(out)
    )
    return { doc: { ...result, report: files }, text: story(result, files) }
  }).pipe(Effect.provide(stores(join(home.root, "demo")), { local: true })) // else the stores of the home around it would be shared
})
