import { assert, describe, it } from "@effect/vitest"

import type { Account } from "../calls/Calls.ts"
import type { CaseRow } from "../domain/Case.ts"
import { setupOf } from "../domain/Setup.ts"
import { noRoomForOneTry } from "./oneTry.ts"

const usage = { basis: "unreliable" as const, input: null, output: null }
const row = (id: string): CaseRow => ({
  id,
  callId: id,
  slice: "all",
  cluster: id,
  weight: 1,
  requestDigest: id,
  repeat: 0,
  model: "premium",
  usage,
  outputTokens: 0,
  startedAt: null,
  labels: {}
})
const rate = { usdPerHour: "4", utilisation: "0.5", source: "suite", asOf: "2026-01-01" }
const box = (timeoutMs?: number): Pick<Account, "name" | "timeoutMs" | "priceOf"> => ({
  name: "box",
  ...(timeoutMs === undefined ? {} : { timeoutMs }),
  priceOf: () => rate
})
const own = setupOf("box", "own", {})
const mended = setupOf("box", "own", { repairs: 2 })
const dollar = 1_000_000_000n

type Planned = Parameters<typeof noRoomForOneTry>[0]
const planned = (
  caps: { readonly run?: bigint | null; readonly provider?: bigint; readonly setup?: bigint },
  more: { readonly timeoutMs?: number; readonly floor?: boolean } = {}
): Planned => ({
  accounts: [box(more.timeoutMs) as Account],
  caps: {
    run: caps.run ?? null,
    parts: caps.setup === undefined ? {} : { setups: { [own.id]: caps.setup } },
    provider: () => caps.provider,
    hold: () => true
  },
  rows: [row("a"), row("b")],
  mayReceive: () => true,
  incumbent: {
    provider: more.floor === true ? "box" : "fleet",
    model: "premium",
    whyNot: null,
    price: undefined,
    machine: undefined
  },
  suite: { file: "s.suite.ts", noiseFloor: { repeats: 1 } }
})
const none = () => false

describe("a cap that lets no try out at a machine that is paid by the hour", () => {
  it("is bad input, with what a try may cost and what to change", () => {
    assert.deepInclude(noRoomForOneTry(planned({ run: dollar }), [own], none), {
      kind: "input",
      file: "s.suite.ts",
      sentence: "one try at box may cost $1.33 (timeoutMs 600000 at $4 an hour, 50 %), more than the budget of $1.00",
      mend: "Set providers.box.timeoutMs to what an answer may take, or a larger budget."
    })
    const sentences = [planned({ provider: dollar }), planned({ setup: dollar }), planned({ run: 0n })].map(
      (one) => noRoomForOneTry(one, [own], none)?.sentence.split("more than ")[1]
    )
    assert.deepStrictEqual(sentences, [
      "provider box's budget of $1.00",
      "the budget of each setup of $1.00",
      "the budget of $0"
    ])
  })

  it("is none where one try fits, no cap holds, or the machine is not asked", () => {
    assert.isUndefined(noRoomForOneTry(planned({ run: dollar }, { timeoutMs: 30_000 }), [own], none))
    assert.isUndefined(noRoomForOneTry(planned({ run: 2n * dollar }), [own], none))
    assert.isUndefined(noRoomForOneTry(planned({}), [own], none))
    assert.isUndefined(noRoomForOneTry(planned({ run: dollar }), [], none))
  })

  it("is found where some answers are kept, and is none where all are", () => {
    const kept =
      (...cases: ReadonlyArray<string>) =>
      (setup: string, id: string) =>
        setup === own.id && cases.includes(id)
    assert.isDefined(noRoomForOneTry(planned({ run: dollar }), [own], kept("a")))
    assert.isUndefined(noRoomForOneTry(planned({ run: dollar }), [own], kept("a", "b")))
    assert.isUndefined(
      noRoomForOneTry(planned({ run: dollar }), [own, mended], kept("a", "b")),
      "bought for another setup that begins with the same question"
    )
  })

  it("is found for the incumbent asked again", () => {
    const cheap = setupOf("fleet", "small", {})
    assert.isDefined(noRoomForOneTry(planned({ run: dollar }, { floor: true }), [cheap], none))
  })
})
