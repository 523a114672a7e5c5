import { assert, describe, it } from "@effect/vitest"

import type { RunResult, SetupDoc } from "../domain/RunResult.ts"
import {
  fixtureSetups,
  gateResult,
  inconclusiveResult,
  noneResult,
  runResult,
  standingDoc
} from "../testing/runResult.ts"
import { subjectOf } from "./subject.ts"
import {
  clusters,
  findingSentence,
  outcomeOf,
  outcomeWord,
  policyLines,
  reasonSentence,
  riskSentence,
  simulatedSentence,
  subjectFinding,
  subjectSentence,
  verdictSentence
} from "./wording.ts"

const { decision: _, ...undecided } = runResult()
const replayed = { ...undecided, command: "replay" as const }
const found = (result: ReturnType<typeof runResult>) => findingSentence(result, subjectOf(result)!.standing)

describe("the verdict in one sentence", () => {
  it("names who can take over, within what, on how many requests, at what cost and saving", () => {
    assert.strictEqual(
      verdictSentence(runResult()),
      "Parity: fleet/small repairs=2 can take over from openai/gpt-4o-2024-08-06: at most 5 points of 100 lower on 612 archived requests, at 12 % of the incumbent's cost, saving about $14,310 a year."
    )
  })

  it("keeps the incumbent when every setup is inferior", () => {
    assert.strictEqual(
      verdictSentence(noneResult()),
      "No setup at parity: keep openai/gpt-4o-2024-08-06; each of the 3 setups tried is shown to score more than 5 points of 100 lower."
    )
  })

  it("does not call a setup worse that is at parity and no saving", () => {
    const dear = standingDoc(fixtureSetups.dear, 0.01, "0.005052000")
    const [tiny] = noneResult().standings
    const result = noneResult({ standings: [tiny!, dear] })
    assert.strictEqual(
      verdictSentence(result),
      "No saving: keep openai/gpt-4o-2024-08-06; fleet/dear reasoningEffort=high is at parity (at most 5 points of 100 lower), but no saving: at 1.2 times the incumbent's cost; 1 of the 2 setups tried is shown to score more than 5 points of 100 lower."
    )
    assert.strictEqual(outcomeWord(noneResult()), "No setup at parity")
  })

  it("says of a setup that is inferior by one slice alone that it is so there", () => {
    const guarded = standingDoc(fixtureSetups.medium, -0.02, "0.0012", { verdict: "inferior" })
    assert.match(
      verdictSentence(noneResult({ standings: [guarded] })),
      /more than 5 points of 100 lower, over all or in one slice\.$/
    )
  })

  it("never makes inconclusive sound like parity, nor like inferior", () => {
    assert.strictEqual(
      verdictSentence(inconclusiveResult()),
      "Inconclusive: openai/gpt-4o-2024-08-06 stays for now; 2 of the 3 setups tried are undecided, which does not mean equal; 1 of the 3 setups tried is shown to score more than 5 points of 100 lower; 1 setup was not tried."
    )
  })

  it("says that a setup is at parity and its saving not known, not that none is at parity", () => {
    const standings = [standingDoc(fixtureSetups.unpriced, -0.01, null), ...noneResult().standings]
    const text = verdictSentence(inconclusiveResult({ standings, untried: [] }))
    assert.strictEqual(
      text,
      "Inconclusive: openai/gpt-4o-2024-08-06 stays for now; ollama/unknown-7b is at parity (at most 5 points of 100 lower), but what it would save is not known: archived usage or a price is missing; 3 of the 4 setups tried are shown to score more than 5 points of 100 lower."
    )
  })

  const policy = (slices: Readonly<Record<string, SetupDoc | null>>, over: Partial<RunResult> = {}) =>
    runResult({
      decision: {
        ...runResult().decision!,
        setup: null,
        policy: Object.entries(slices).map(([slice, setup]) => ({ slice, setup }))
      },
      ...over
    })

  it("tells of a policy slice by slice", () => {
    assert.match(
      verdictSentence(policy({ chat: fixtureSetups.tiny, extract: fixtureSetups.medium, tools: null })),
      /^Parity: 2 of 3 slices can leave openai\/gpt-4o-2024-08-06 \(chat to fleet\/tiny and extract to claude\/medium temperature=0\): at most 5 points/
    )
  })

  it("tells of one setup that takes over some slices only", () => {
    const setup = fixtureSetups.smallRepaired
    const result = policy(
      { chat: setup, extract: null, tools: setup },
      { standings: [standingDoc(setup, -0.011, "0.0005")] }
    )
    assert.match(
      verdictSentence(result),
      /^Parity: fleet\/small repairs=2 can take over 2 of 3 slices from openai\/gpt-4o-2024-08-06: at most 5 points of 100 lower on 612 archived requests of all slices, at 12 %/
    )
    assert.deepStrictEqual(policyLines(result), [
      "chat: fleet/small repairs=2",
      "extract: stays with openai/gpt-4o-2024-08-06",
      "tools: fleet/small repairs=2"
    ])
  })

  it("counts a replay's verdicts and names the cheapest at parity", () => {
    assert.match(
      verdictSentence(replayed),
      /^Parity: 4 of 7 setups tried are at parity with .*; 2 inferior; 1 inconclusive; the cheapest at parity is fleet\/small repairs=2, at 12 %/
    )
    const { decision: __, ...none } = noneResult()
    assert.match(
      verdictSentence(none),
      /^No setup at parity: for openai\/gpt-4o-2024-08-06, each of the 3 setups tried is shown to score more/
    )
    assert.deepStrictEqual([outcomeOf(replayed), outcomeOf(none)], ["parity", "none"])
  })

  it("says when nothing was tried", () => {
    assert.match(verdictSentence(inconclusiveResult({ standings: [] })), /^Inconclusive: no setup was tried against/)
  })

  it("says in every clause that could be taken for real that no live model answered", () => {
    const simulated = runResult({ archive: { ...runResult().archive, simulated: true } })
    assert.match(verdictSentence(simulated), /^Parity \(simulated fleet\): fleet\/small/)
    assert.match(verdictSentence(simulated), /saving about \$14,310 of simulated money a year\.$/)
    assert.match(simulatedSentence(simulated) ?? "", /none from a real model/)
    assert.isUndefined(simulatedSentence(runResult()))
    const part = runResult({ archive: { ...runResult().archive, simulated: true, simulatedProviders: ["fleet"] } })
    assert.match(verdictSentence(part), /^Parity \(in part a simulated fleet\)/)
    assert.match(simulatedSentence(part) ?? "", /^Simulated in part: the answers of fleet /)
  })

  it("says with a parity that archived answers were not tested for selection, where that counts", () => {
    const by = (kind: "outcome" | "agreement", selected: boolean | null) => {
      const gates = [gateResult(-0.01, { kind })]
      const standings = [standingDoc(fixtureSetups.smallRepaired, -0.01, "0.0005", { gates })]
      return verdictSentence(runResult({ standings, floor: { ...runResult().floor, selected } }))
    }
    assert.match(by("outcome", null), /not tested for selection: this holds if its answers are typical of openai/)
    assert.notMatch(by("outcome", false), /selection/)
    assert.notMatch(by("agreement", null), /selection/)
  })
})

describe("the finding", () => {
  it("says cases, sessions, difference, interval, bound, level and margin", () => {
    assert.strictEqual(
      found(runResult()),
      "On 612 requests from 170 sessions, fleet/small repairs=2 scores −1.1 points of 100 relative to openai/gpt-4o-2024-08-06 asked again, by grader exact (95 % interval −3.1 to +0.9). One-sided 99.17 % bound: at most 3.7 points worse; agreed margin 5 points. Verdict: parity."
    )
  })

  it("says what was compared with: originals, the incumbent asked again, one half, or full agreement", () => {
    const by = (
      kind: "outcome" | "preference" | "agreement",
      floor: Partial<ReturnType<typeof runResult>["floor"]> = {}
    ) => {
      const standing = standingDoc(fixtureSetups.smallRepaired, -0.01, "0.0005", {
        gates: [gateResult(-0.01, { kind })]
      })
      return found(runResult({ standings: [standing], floor: { ...runResult().floor, ...floor } }))
    }
    assert.match(by("outcome"), /relative to the archived answers of openai/)
    assert.match(by("outcome", { selected: true }), /asked again \(the archive kept only accepted answers\)/)
    assert.match(by("preference"), /relative to one half/)
    assert.match(by("agreement", { mode: "skipped" }), /no noise floor was measured/)
  })

  it("looks at the gate with the least evidence for parity", () => {
    const gates = [
      gateResult(0.01, { grader: "easy", pParity: 0.0001 }),
      gateResult(-0.02, { grader: "hard", pParity: 0.004 })
    ]
    const result = runResult({ standings: [standingDoc(fixtureSetups.smallRepaired, 0.01, "0.0005", { gates })] })
    assert.match(found(result), /by grader hard/)
  })

  it("falls back on the reason where nothing could be compared", () => {
    const difference = { estimate: Number.NaN, lower: Number.NaN, upper: Number.NaN }
    const standing = standingDoc(fixtureSetups.tiny, 0, null, {
      gates: [gateResult(0, { difference })],
      reason: "no pairs"
    })
    assert.strictEqual(findingSentence(runResult(), standing), reasonSentence(standing))
  })
})

it("the risk of a search is for the search, of a replay for each setup", () => {
  assert.match(
    riskSentence(runResult()),
    /compared 6 setups, each held to 0\.83 %; the chance that such a search names .* at most 5 %/
  )
  assert.match(riskSentence(replayed), /at most 5 % for each of the 7 setups, not for all of them together/)
})

it("what is resampled together has its word", () => {
  const by = (cluster: string) => runResult({ method: { ...runResult().method, cluster } })
  assert.deepStrictEqual(
    [clusters(by("session"), 1), clusters(by("trajectory"), 3), clusters(by("label:customer"), 3)],
    ["1 session", "3 trajectories", "3 clusters"]
  )
})

describe("the close look", () => {
  it("says why it is at its setup", () => {
    assert.match(subjectFinding(replayed) ?? "", /^A replay names none; the cheapest at parity: On 612 requests/)
    assert.match(subjectFinding(noneResult()) ?? "", /^No setup is named; the best of the 3 tried: On 612/)
    assert.match(subjectFinding(runResult()) ?? "", /^On 612 requests from 170 sessions, fleet\/small repairs=2/)
    assert.match(subjectSentence(runResult()) ?? "", /, the setup named\.$/)
  })

  it("is at the best tried when nothing is named: the cheapest at parity, else by verdict and score", () => {
    const label = (result: ReturnType<typeof runResult>) => subjectOf(result)?.standing.setup.label
    assert.strictEqual(label(inconclusiveResult()), "claude/medium temperature=0")
    assert.strictEqual(label(replayed), "fleet/small repairs=2")
    assert.isUndefined(label(runResult({ standings: [] })))
  })
})
