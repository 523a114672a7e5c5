import { assert, describe, it } from "@effect/vitest"

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
  it("names who can take over, within what, at what cost and saving", () => {
    assert.strictEqual(
      verdictSentence(runResult()),
      "fleet/small repairs=2 can take over from openai/gpt-4o-2024-08-06: on 612 archived requests it is shown to score at most 5 points of 100 lower (parity), at 12 % of the incumbent's cost per case, which saves about $14,310 a year."
    )
  })

  it("keeps the incumbent when every setup is inferior, and does not say so of those that merely lost hope", () => {
    assert.match(
      verdictSentence(noneResult()),
      /^Keep openai\/gpt-4o-2024-08-06: each of the 3 setups tried is shown to score more than 5 points of 100 lower\.$/
    )
    const futile = noneResult({
      standings: [standingDoc(fixtureSetups.medium, -0.04, "0.001", { verdict: "inconclusive" })]
    })
    assert.match(verdictSentence(futile), /or had no prospect left of showing parity\.$/)
  })

  it("never makes inconclusive sound like parity", () => {
    const text = verdictSentence(inconclusiveResult())
    assert.match(text, /^No verdict yet: none of the 3 setups tried is shown to be at parity/)
    assert.match(text, /2 of them are not shown to be inferior either; undecided does not mean equal/)
  })

  it("tells of a policy slice by slice", () => {
    const base = runResult()
    const policy = runResult({
      decision: {
        ...base.decision!,
        setup: null,
        policy: [
          { slice: "chat", setup: fixtureSetups.tiny },
          { slice: "extract", setup: fixtureSetups.medium },
          { slice: "tools", setup: null }
        ]
      }
    })
    assert.match(
      verdictSentence(policy),
      /^2 of 3 slices can leave openai\/gpt-4o-2024-08-06 \(chat to fleet\/tiny and extract to claude\/medium temperature=0\)/
    )
  })

  it("counts a replay's verdicts and names the cheapest at parity", () => {
    assert.match(
      verdictSentence(replayed),
      /^4 of 7 setups tried are shown to be at parity .*; 2 inferior, 1 inconclusive; the cheapest at parity is fleet\/small repairs=2, at 12 %/
    )
    const { decision: __, ...none } = noneResult()
    assert.match(verdictSentence(none), /^None of the 3 setups tried is shown to be at parity .*; 3 inferior\.$/)
    assert.deepStrictEqual([outcomeOf(replayed), outcomeOf(none)], ["parity", "none"])
  })

  it("says when nothing was tried", () => {
    assert.match(verdictSentence(runResult({ standings: [] })), /^Nothing is known yet/)
  })

  it("leads with it when no live model answered", () => {
    const simulated = runResult({ archive: { ...runResult().archive, simulated: true } })
    assert.match(verdictSentence(simulated), /^Simulated fleet: fleet\/small/)
    assert.match(simulatedSentence(simulated) ?? "", /none from a real model/)
    assert.isUndefined(simulatedSentence(runResult()))
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
