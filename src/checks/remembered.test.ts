import { appendFileSync, cpSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { answer, seenCase } from "../testing/grading.ts"
import { writtenFolder } from "../testing/written.ts"
import { command } from "./command.ts"
import type { Checked, Memory } from "./contract.ts"
import { remembering } from "./remembered.ts"
import { runCheck } from "./run.ts"

type Options = typeof command.options.Encoded

/** What lasts beyond a process: a memory for each of them, over one store. */
const store = () => {
  const lasting = new Map<string, Checked>()
  return (): Memory => {
    const own = remembering()
    return {
      get: (key) => Effect.map(own.get(key), (known) => known ?? lasting.get(key)),
      keep: (key, checked, lasts) => {
        if (lasts) lasting.set(key, checked)
        return own.keep(key, checked, lasts)
      }
    }
  }
}

const made = (folder: string, options: Options, memory: Memory) =>
  command.make(Schema.decodeSync(command.options)(options), { folder, isolation: "none", memory })
const say = (check: ReturnType<typeof made>, text = "```js path=a.js\n1\n```") =>
  Effect.map(runCheck("command", check, { output: answer(text), case: seenCase() }), ({ message }) => message)

const varying = "node -p 'Math.random()'; exit 1"
const files = { "fixture/x.txt": "x", "modules/dep.txt": "dep" }
const plain: Options = { fixture: "fixture", readOnly: { dep: "modules" }, command: varying }

describe("what a command said", () => {
  it.live("is said again by other processes, wherever the same files lie; once for a check that is a grader too", () =>
    Effect.gen(function* () {
      const folder = yield* writtenFolder(files)
      const process = store()
      const run = process()
      const first = yield* say(made(folder, plain, run))
      assert.match(first, /failed with code 1[\s\S]*0\.\d/)
      assert.strictEqual(yield* say(made(folder, plain, run)), first)
      assert.strictEqual(yield* say(made(folder, plain, process())), first)
      const copy = yield* writtenFolder({})
      cpSync(folder, copy, { recursive: true })
      assert.strictEqual(yield* say(made(copy, plain, process())), first)
      assert.notStrictEqual(yield* say(made(folder, plain, store()())), first)
    }).pipe(Effect.scoped)
  )

  it.live("is not said again where anything is different that goes into it", () =>
    Effect.gen(function* () {
      const folder = yield* writtenFolder(files)
      const process = store()
      const said = new Set([yield* say(made(folder, plain, process()))])
      const others: ReadonlyArray<Options> = [
        { ...plain, command: `${varying} ` },
        { ...plain, limits: { memoryMb: 999 } },
        { ...plain, timeoutSeconds: 59 },
        { ...plain, env: { A: "b" } },
        { ...plain, setup: "true" },
        { ...plain, counts: "none" },
        { ...plain, readOnly: {} },
        { command: varying }
      ]
      for (const options of others) said.add(yield* say(made(folder, options, process())))
      said.add(yield* say(made(folder, plain, process()), "```js path=a.js\n2\n```"))
      appendFileSync(join(folder, "fixture/x.txt"), "y")
      said.add(yield* say(made(folder, plain, process())))
      appendFileSync(join(folder, "modules/dep.txt"), "y")
      said.add(yield* say(made(folder, plain, process())))
      assert.strictEqual(said.size, others.length + 4)
      assert.isTrue(said.has(yield* say(made(folder, plain, process()))))
    }).pipe(Effect.scoped)
  )

  it.live(
    "ends with the process where it was stopped, could not start a program, or its files were changed meanwhile",
    () =>
      Effect.gen(function* () {
        const folder = yield* writtenFolder(files)
        const slow: Options = { ...plain, command: "node -p 'Math.random()'; sleep 9", timeoutSeconds: 0.7 }
        const changing: Options = { ...plain, command: `echo y >>${join(folder, "modules/dep.txt")}; ${varying}` }
        const unstarted = [126, 127].map(
          (code): Options => ({ ...plain, command: `node -p 'Math.random()'; exit ${code}` })
        )
        for (const options of [slow, changing, ...unstarted]) {
          const process = store()
          const run = process()
          const first = yield* say(made(folder, options, run))
          assert.match(first, /0\.\d{3}/)
          assert.strictEqual(yield* say(made(folder, options, run)), first)
          assert.notStrictEqual(yield* say(made(folder, options, process())), first)
        }
      }).pipe(Effect.scoped)
  )

  it.live("is forgotten where a tool was not found that is there now", () =>
    Effect.gen(function* () {
      const folder = yield* writtenFolder(files)
      const tool = join(folder, "modules/mytest")
      const process = store()
      const options: Options = { fixture: "fixture", command: `${tool} a.js` }
      assert.match(yield* say(made(folder, options, process())), /^The command failed with code 127\.\n.*not found/)
      writeFileSync(tool, "#!/bin/sh\nexit 0\n", { mode: 0o755 })
      assert.strictEqual(yield* say(made(folder, options, process())), "the command ended with code 0")
    }).pipe(Effect.scoped)
  )

  it.live("is never a fault of the machine", () =>
    Effect.gen(function* () {
      const folder = yield* writtenFolder(files)
      const keeps: Array<string> = []
      const memory = {
        ...remembering(),
        keep: (key: string, checked: Checked) =>
          Effect.sync(() => {
            keeps.push(key)
            return checked
          })
      }
      assert.match(yield* say(made(folder, { ...plain, command: ["no-such-program"] }, memory)), /itself failed/)
      assert.match(yield* say(made(folder, { ...plain, setup: "exit 3" }, memory)), /setup ended/)
      assert.deepStrictEqual(keeps, [])
    }).pipe(Effect.scoped)
  )
})
