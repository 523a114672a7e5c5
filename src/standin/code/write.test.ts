import { execFile } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { answer } from "../answer.ts"
import type { Profile } from "../Profile.ts"
import { profiles } from "../profiles.ts"
import { digestOf, type Question } from "../Question.ts"
import { openai } from "../wires/openai.ts"
import { combinations, rightCode, wrongCode } from "./CodeTask.ts"
import { codeTasks, wantedIn } from "./write.ts"

const fixture = fileURLToPath(new URL("../../../datasets/code-desk/fixture", import.meta.url))

interface Tried {
  readonly name: string
  readonly given: ReadonlyArray<string>
  readonly code: string
  /** Whether the tests must pass. */
  readonly passes: boolean
}

/** Runs a module's real tests, as the suite does but for the sandbox. */
const passes = (folder: string, { code, given, name }: Tried): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    cpSync(fixture, folder, { recursive: true })
    mkdirSync(join(folder, "src"), { recursive: true })
    writeFileSync(join(folder, `src/${name}.js`), code)
    const env = { PATH: "" }
    execFile(process.execPath, [`test/${name}.test.mjs`, given.join("-")], { cwd: folder, env }, (error) =>
      resume(Effect.succeed(error === null))
    )
  })

const requestFor = (name: string, given: ReadonlyArray<string>, told?: string): Question => {
  const task = codeTasks.find((one) => one.name === name)!
  const asked = `Write a module src/${name}.js that exports a function ${task.signature}. ${task.describe(...given)}`
  const messages = [
    { role: "user", content: asked },
    ...(told === undefined
      ? []
      : [
          { role: "assistant", content: "```js\n```" },
          { role: "user", content: told }
        ])
  ]
  return openai.read({ model: "any", messages }) as Question
}

const all = codeTasks.flatMap((task) => combinations(task).map((given) => ({ task, given })))

/** How many of all modules a model writes rightly. */
const rightOf = (profile: Profile, told?: string) =>
  all.filter(({ given, task }) => {
    const question = requestFor(task.name, given, told)
    return answer(profile, question, digestOf(question), "0").text.includes(rightCode(task, given))
  }).length / all.length

const named = (name: string) => profiles.find((profile) => profile.name === name)!

describe("the simulated models' code", () => {
  it.live(
    "passes the real tests where it is right, and fails them with every slip",
    () =>
      Effect.acquireUseRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "understudy-code-"))),
        (folder) => {
          const tried = codeTasks.flatMap((task) => {
            const given = combinations(task)
            const at = (i: number) => given[(i * 7) % given.length]!
            const wrong = wrongCode(task, at(0)).map((_, i) => ({ given: at(i), code: wrongCode(task, at(i))[i]! }))
            return [
              ...[given[0]!, given.at(-1)!].map((one) => ({ given: one, code: rightCode(task, one), passes: true })),
              ...wrong.map((one) => ({ ...one, passes: false }))
            ].map((one): Tried => ({ ...one, name: task.name }))
          })
          return Effect.forEach(
            tried,
            (one, i) =>
              Effect.map(passes(join(folder, String(i)), one), (passed) =>
                assert.strictEqual(passed, one.passes, `${one.name} ${one.given.join("-")}\n${one.code}`)
              ),
            { concurrency: availableParallelism(), discard: true }
          )
        },
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
      ),
    { timeout: 180_000 }
  )

  it("tells every kind and its parameters from the description alone", () => {
    for (const { given, task } of all) {
      const text = requestFor(task.name, given).turns[0]!.text
      assert.deepStrictEqual(wantedIn(text), { task, given }, text)
    }
    assert.isNull(wantedIn("Write a module src/slugify.js that does something else."))
    assert.isNull(wantedIn("Write a module src/unheard-of.js."))
  })

  it("every slip is one: it changes the module", () => {
    for (const { given, task } of all) {
      const wrong = wrongCode(task, given)
      assert.strictEqual(new Set([rightCode(task, given), ...wrong]).size, wrong.length + 1, task.name)
    }
  })

  it("is wrong as often as the profile says, and mended only where the failing test is told", () => {
    const failing = "Your last answer failed these checks:\n- command: 1 of 5 tests failed"
    assert.isAtLeast(rightOf(named("sim-premium-large")), 0.93)
    assert.closeTo(rightOf(named("sim-small")), 0.64, 0.12)
    assert.isAtLeast(rightOf(named("sim-small"), failing), 0.88)
    assert.closeTo(rightOf(named("sim-small"), "Thank you. Once more, please."), 0.64, 0.12)
    assert.closeTo(rightOf(named("sim-nano")), 0.55, 0.12)
    assert.isAtMost(rightOf(named("sim-nano"), failing), 0.3)
  })

  it("stands in one block that names its file; a model without code of its own says that it knows no such task", () => {
    const question = requestFor("slugify", ["dash", "24"])
    assert.match(
      answer(named("sim-premium-large"), question, "", "0").text,
      /^(.*\n\n)?```js src\/slugify\.js\n[^`]+```$/
    )
    const { code: _code, ...behaviour } = profiles[0]!.behaviour
    assert.include(answer({ ...profiles[0]!, behaviour }, question, "", "0").text, "knows the tasks of the bundled")
  })
})
