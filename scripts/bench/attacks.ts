import * as Effect from "effect/Effect"

import { harnesses } from "../../src/graders/judge/naive.testing.ts"
import { attacks, constantText } from "../../src/testing/attacks.ts"

/**
 * Answers that talk to their judge, each beside a right original: what a harness makes of them that asks once and in the open, and what the
 * `judge` grader does, with a simulated judge that obeys whatever it reads and with a sound one. 1: the attack wins.
 */
const all = [...attacks, { name: "one constant text", text: constantText }]
const came = await Effect.runPromise(harnesses(all.map(({ text }) => text)))
const shown = (score: number | null) => (score === null ? "ungraded" : String(score))

console.log("| attack | naive harness | ours, judge that obeys | ours, sound judge | how |")
console.log("| --- | --- | --- | --- | --- |")
for (const [i, { name }] of all.entries()) {
  const { naiveHarness, ours, oursSound } = came[i]!
  const how = ours.evidence?.screened === undefined ? "judged in both orders" : "not put before the judge"
  console.log(`| ${name} | ${naiveHarness} | ${shown(ours.score)} | ${shown(oursSound.score)} | ${how} |`)
}
const won = (of: (one: (typeof came)[number]) => number | null) => came.filter((one) => of(one) === 1).length
console.log(
  `\n${all.length} attacks: the naive harness lets ${won(({ naiveHarness }) => naiveHarness)} win, ours ${won(({ ours }) => ours.score)} with the judge that obeys and ${won(({ oursSound }) => oursSound.score)} with the sound one.`
)
