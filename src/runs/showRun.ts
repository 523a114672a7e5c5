import * as Effect from "effect/Effect"

import type { InFlight } from "../calls/ledger.ts"
import { counted } from "../report/figures.ts"
import { visible } from "../report/plain.ts"
import { checkSentences, checkWords, judgeSentences } from "../report/trials.ts"
import { Runs } from "../store/Runs.ts"
import { version } from "./control.ts"
import { tell } from "./ctl.ts"
import { leftOpen } from "./leftOpen.ts"

/** How many calls each provider has, by its name. */
const byProvider = (calls: ReadonlyArray<InFlight>): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const account of calls.map((call) => call.account).sort()) counts[account] = (counts[account] ?? 0) + 1
  return counts
}

const words = { going: "goes on", finished: "is finished", ended: "ended before it had a result" } as const

const openWords = (state: keyof typeof words, calls: ReadonlyArray<InFlight>): string => {
  if (calls.length === 0) return "  No call is open in its journal."
  const listed = Object.entries(byProvider(calls)).map(([account, count]) => `${visible(account)} ${count}`)
  return state === "going"
    ? `  In flight: ${counted(calls.length, "call")} (${listed.join(", ")}).`
    : `  In flight when its journal ends: ${counted(calls.length, "call")} (${listed.join(", ")}). They may have been billed; those whose answers are not kept are asked again.`
}

/** A run as a whole: whether it goes on, and which of its calls are in flight, or were when it ended, by its journal. */
export const showRun = Effect.fn("Runs.showRun")(function* (runName: string) {
  const runs = yield* Runs
  const { command, startedAt, ...manifest } = yield* runs.manifest(runName)
  const { finished, folder, id } = yield* runs.at(manifest.run)
  const isGoing = !finished && (yield* tell(folder, { v: version, do: "status" })) !== undefined
  const state = finished ? "finished" : isGoing ? "going" : "ended"
  const calls = yield* leftOpen(id)
  const { archive, setups, suite } = manifest
  const cases = Object.keys(manifest.cases).length
  const result = finished ? yield* runs.result(id) : undefined
  const trials =
    result === undefined ? [] : [...(result.checks ?? []).flatMap(checkSentences), ...judgeSentences(result)]
  const next = {
    finished: `understudy report ${id} renders its report; understudy show ${id} CASE shows one case.`,
    going: `understudy ctl ${id} tells where it stands.`,
    ended: "Start the same command again: answers that it paid for are not asked again."
  }[state]
  return {
    doc: {
      run: id,
      command,
      startedAt,
      archive,
      suite: suite.name,
      cases,
      setups: Object.keys(setups).length,
      state,
      ...(result?.checks === undefined ? {} : { checks: result.checks }),
      ...(result?.judges === undefined ? {} : { judges: result.judges }),
      inFlight: { count: calls.length, byProvider: byProvider(calls), calls }
    },
    text: [
      `Run ${id} ${words[state]}: ${command} of suite ${visible(suite.name)}, ${counted(cases, "case")} of archive ${visible(archive)}, ${counted(Object.keys(setups).length, "setup")}, started ${startedAt}`,
      openWords(state, calls),
      ...(result?.checks ?? []).map((check) => `  check ${visible(checkWords(check))}`),
      ...trials.map((line) => `  ${visible(line)}`),
      `  ${next}`
    ].join("\n")
  }
})
