import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"

import { assert, describe, it } from "@effect/vitest"

import { answer } from "./answer.ts"
import type { Content } from "./desk/Solved.ts"
import { solve } from "./desk/solve.ts"
import { type Json, type JsonObject, listOf, objectOf, parse } from "./json.ts"
import type { Profile, Task } from "./Profile.ts"
import { profiles } from "./profiles.ts"
import { digestOf, type Question } from "./Question.ts"
import { openai } from "./wires/openai.ts"

/**
 * What is true of the bundled models on the bundled sample: the shares of right answers that their behaviours are meant to have, and so
 * which of them are at parity with the incumbent at a margin of 0.05. Nothing but tests knows this.
 */
interface Truth {
  readonly right: Readonly<Record<Task, number>>
  /** Shares of right answers to questions in JSON after up to two rounds of repair. */
  readonly repaired: number
  readonly parity: "never" | "repaired" | "always"
}

const sound = { triage: 0.97, extract: 0.97, act: 0.97, reply: 0.97 }
const truths: Readonly<Record<string, Truth>> = {
  "sim-premium-large": { right: sound, repaired: 0.97, parity: "always" },
  "sim-nano": { right: { ...sound, act: 0.57, reply: 0.95 }, repaired: 0.95, parity: "never" },
  "sim-small": { right: { ...sound, triage: 0.58, extract: 0.58 }, repaired: 0.97, parity: "repaired" },
  "sim-thinker": { right: sound, repaired: 0.97, parity: "always" },
  "sim-scribe": { right: sound, repaired: 0.97, parity: "always" },
  "sim-swift": { right: { triage: 0.95, extract: 0.69, act: 0.88, reply: 0.39 }, repaired: 0.82, parity: "never" },
  "sim-middle": { right: sound, repaired: 0.97, parity: "always" },
  "sim-grand": { right: sound, repaired: 0.97, parity: "always" },
  "sim-local-30b": { right: { triage: 0.86, extract: 0.59, act: 0.84, reply: 0.64 }, repaired: 0.73, parity: "never" },
  "sim-local-8b": { right: { triage: 0.51, extract: 0.33, act: 0.49, reply: 0.44 }, repaired: 0.52, parity: "never" }
}

interface Asked {
  readonly body: JsonObject
  readonly question: Question
  readonly right: Content
  readonly task: Task
}

const file = new URL("../../datasets/support-desk/calls.jsonl.gz", import.meta.url)
const asked: ReadonlyArray<Asked> = gunzipSync(readFileSync(file))
  .toString("utf8")
  .split("\n")
  .flatMap((line) => {
    const row = objectOf(parse(line))
    if (row["status"] !== "success") return []
    const body = { ...objectOf(row["model_parameters"]), model: "any", messages: row["messages"]! }
    const question = openai.read(body) as Question
    const solved = solve(question)
    return solved === null ? [] : [{ body, question, right: solved.right, task: solved.task }]
  })

/** Whether an answer is the right one, prose aside. */
const isRight = ({ right }: Asked, said: ReturnType<typeof answer>): boolean => {
  if (right.kind === "call") {
    const [call] = said.calls
    return call?.name === right.name && JSON.stringify(call.arguments) === JSON.stringify(right.arguments)
  }
  if (right.kind === "text") return said.text.endsWith(`Resolution: ${right.resolution}`)
  const { [right.note.field]: _note, ...fields } = objectOf(parse(said.text))
  return JSON.stringify(fields) === JSON.stringify(right.fields)
}

const fits = (text: string, question: Question): boolean => {
  const fields = objectOf(parse(text))
  return listOf(objectOf(question.schema)["required"]).every((name) => String(name) in fields)
}

const ask = (profile: Profile, question: Question) => answer(profile, question, digestOf(question), "0")

/** Asks again, at most twice, with the complaint that a repair round makes. */
const repaired = (profile: Profile, one: Asked) => {
  let messages: ReadonlyArray<Json> = listOf(one.body["messages"])
  let said = ask(profile, one.question)
  for (let round = 0; round < 2 && !fits(said.text, one.question); round++) {
    const complaint = { role: "user", content: "Your last answer failed these checks: it is not JSON." }
    messages = [...messages, { role: "assistant", content: said.text }, complaint]
    said = ask(profile, openai.read({ ...one.body, messages }) as Question)
  }
  return said
}

const share = (all: ReadonlyArray<boolean>) => all.filter(Boolean).length / all.length

describe("the bundled models", () => {
  it("are those that are known", () => {
    assert.deepStrictEqual(profiles.map(({ name }) => name).sort(), Object.keys(truths).sort())
    assert.deepStrictEqual(new Set(profiles.map(({ wire }) => wire)).size, 3)
    assert.isAbove(asked.length, 900)
  })

  for (const profile of profiles) {
    const truth = truths[profile.name]!
    it(`${profile.name} is right as often as it is meant to be`, () => {
      for (const task of ["triage", "extract", "act", "reply"] as const) {
        const cases = asked.filter((one) => one.task === task)
        const got = share(cases.map((one) => isRight(one, ask(profile, one.question))))
        // Four standard errors of a share over these cases.
        const slack = 4 * Math.sqrt((truth.right[task] * (1 - truth.right[task])) / cases.length)
        assert.closeTo(got, truth.right[task], slack, task)
      }
      const json = asked.filter(({ right }) => right.kind === "json")
      const mended = share(json.map((one) => isRight(one, repaired(profile, one))))
      assert.closeTo(mended, truth.repaired, 4 * Math.sqrt((truth.repaired * (1 - truth.repaired)) / json.length))
    })

    const verdict = { always: "is at parity", repaired: "is at parity once repaired", never: "is not at parity" }[
      truth.parity
    ]
    it(`${profile.name} ${verdict}: within 0.02 of the incumbent, or worse by more than 0.12`, () => {
      const incumbent = share(asked.map((one) => isRight(one, ask(profiles[0]!, one.question))))
      const plain = share(asked.map((one) => isRight(one, ask(profile, one.question)))) - incumbent
      const needsRepair = ({ right }: Asked) => right.kind === "json"
      const looped =
        share(
          asked.map((one) => isRight(one, needsRepair(one) ? repaired(profile, one) : ask(profile, one.question)))
        ) - incumbent
      assert.isTrue(truth.parity === "always" ? plain > -0.02 : plain < -0.12, `${plain}`)
      assert.isTrue(truth.parity === "never" ? looped < -0.12 : looped > -0.02, `${looped}`)
    })
  }

  it("are wordy or think where they are meant to, which costs tokens", () => {
    const tokens = (name: string) => {
      const profile = profiles.find((one) => one.name === name)!
      const all = asked.map(({ question }) => ask(profile, question).usage)
      return {
        output: all.reduce((sum, usage) => sum + usage.completion, 0) / all.length,
        reasoning: all.reduce((sum, usage) => sum + usage.reasoning, 0) / all.length
      }
    }
    assert.isAbove(tokens("sim-scribe").output, 10 * tokens("sim-middle").output)
    assert.closeTo(tokens("sim-thinker").reasoning, 420, 40)
    assert.strictEqual(tokens("sim-middle").reasoning, 0)
  })
})
