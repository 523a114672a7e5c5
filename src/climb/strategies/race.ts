import * as Schema from "effect/Schema"

import { type Stop, strategy } from "../contract.ts"
import { chainsIn, raceChains } from "../race.ts"
import { searchPolicy } from "../routing.ts"
import { shortlist } from "../shortlist.ts"
import { stepwise } from "../stepwise.ts"

const Share = Schema.Finite.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(1))
const increasing = Schema.makeFilter<ReadonlyArray<number>>(
  (looks) =>
    (looks.every((look, i) => look > (looks[i - 1] ?? 0)) && looks.at(-1) === 1) || "increasing shares that end in 1"
)

const Options = Schema.Struct({
  /** Shares of the cases at which it looks. Default 0.1, 0.2, 0.4, 0.6, 0.8, 1. */
  looks: Schema.optionalKey(Schema.NonEmptyArray(Share).check(increasing)),
  /** Chance of passing below which a setup is given up. Default 0.05; 0: never. */
  futility: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 0.5 }))),
  /** Setups above which a pilot on development sessions chooses the chains to be raced on the rest. Default 32. */
  pilotAbove: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  /** `never`: no policy of several setups is looked for. Default `auto`: where there are slices to choose for, with half of alpha. */
  policies: Schema.optionalKey(Schema.Literals(["auto", "never"])),
  /** Share of the sessions on which a policy is chosen. Default 0.35. */
  development: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThan(0), Schema.isLessThan(1))),
  /** Share of the sessions that the pilot takes. Default 0.15; never fewer than 25 sessions. */
  pilot: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThan(0), Schema.isLessThan(0.5)))
})

/**
 * The default: a race of chains on all sessions; where there are many setups, a pilot on development sessions first picks at most four chains, which are
 * then raced on the sessions that no decision has seen.
 */
export const race = strategy({
  id: "race",
  about:
    "cheap chains first, looks at 10 to 100 % of the cases, hopeless setups given up; many setups are first thinned out by a pilot",
  options: Options,
  make: (
    {
      development = 0.35,
      futility = 0.05,
      looks = [0.1, 0.2, 0.4, 0.6, 0.8, 1],
      pilot = 0.15,
      pilotAbove = 32,
      policies = "auto"
    },
    input
  ) =>
    stepwise(function* () {
      const { setups, shares, sizes } = input
      const routed = policies === "auto" && shares.size > 1
      // Settled before the first score: the race and the test of a policy share alpha.
      const alpha = routed ? input.alpha / 2 : input.alpha
      const chains = chainsIn(setups)
      const race = { alpha, inferiorAlpha: input.alpha, margin: input.margin, sizes, futility }
      let stop: Stop
      if (setups.length <= pilotAbove) stop = yield* raceChains(chains, { ...race, from: 0, looks })
      else {
        const kept = yield* shortlist(chains, { ...input, alpha }, pilot)
        const fewer = looks.length > 2 ? looks.slice(1) : looks
        stop = yield* raceChains(kept.chains, { ...race, from: kept.from, looks: fewer }, kept.notes)
      }
      if (!routed) return stop
      const paid = stop.named === null ? undefined : { setup: stop.named, usdPerCase: stop.usdPerCase ?? Infinity }
      const found = yield* searchPolicy(setups, input, {
        ...race,
        development,
        looks: looks.length > 2 ? looks.slice(1) : looks,
        ...(paid === undefined ? {} : { single: paid })
      })
      const told = new Set(stop.notes.map(({ setup }) => setup.id))
      const notes = [...stop.notes, ...found.notes.filter(({ setup }) => !told.has(setup.id))]
      return found.policy !== undefined && found.usdPerCase < (paid?.usdPerCase ?? Infinity)
        ? {
            _tag: "Stop",
            named: found.policy,
            usdPerCase: found.usdPerCase,
            reason: "a policy by slice costs less than any single setup at parity",
            notes
          }
        : { ...stop, reason: found.policy === undefined ? `${stop.reason}; ${found.reason}` : stop.reason, notes }
    })
})
