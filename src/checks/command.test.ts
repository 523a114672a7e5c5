import { execFileSync } from "node:child_process"
import { existsSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { answer, seenCase } from "../testing/grading.ts"
import { writtenFolder } from "../testing/written.ts"
import { command } from "./command.ts"
import type { Isolation } from "./contract.ts"
import { remembering } from "./remembered.ts"
import { runCheck } from "./run.ts"
import { isolationFault } from "./sandbox/way.ts"

const absent = !(existsSync("/usr/bin/bwrap") || existsSync("/usr/local/bin/bwrap"))

const test = `import assert from "node:assert"
import test from "node:test"
import { add } from "./add.js"
test("adds", () => assert.equal(add(1, 2), 3))
test("adds nothing", () => assert.equal(add(1, 0), 1))
`
const fixture = { "fixture/add.test.js": test, "fixture/package.json": '{"type":"module"}' }
const code = (body: string) => `\`\`\`js path=add.js\nexport const add = (a, b) => ${body}\n\`\`\``

const check = Effect.fnUntraced(function* (
  folder: string,
  options: typeof command.options.Encoded,
  text: string,
  { isolation = "required", labels = {} }: { isolation?: Isolation; labels?: Readonly<Record<string, string>> } = {}
) {
  const made = command.make(Schema.decodeSync(command.options)(options), { folder, isolation, memory: remembering() })
  const { use: _, ...result } = yield* runCheck("command", made, {
    output: answer(text),
    case: { ...seenCase(), labels }
  })
  return result
})

describe.for(absent ? (["none"] as const) : (["required", "none"] as const))("command (isolation: %s)", (isolation) => {
  const on = { isolation }
  it.live("runs a test on the answer's files, and tells what failed", () =>
    Effect.gen(function* () {
      const folder = yield* writtenFolder(fixture)
      const options = { fixture: "fixture", command: ["node", "--test"] as const }
      assert.deepStrictEqual(yield* check(folder, options, code("a + b"), on), {
        pass: true,
        message: "2 tests passed"
      })
      const bad = yield* check(folder, options, code("a - b"), on)
      assert.isFalse(bad.pass)
      assert.isUndefined(bad.broken)
      assert.match(bad.message, /^The command failed with code 1: 1 of 2 tests failed: adds\.\n/)
      assert.include(bad.message, "AssertionError")
      assert.notMatch(bad.message, /\/sandbox\/|understudy-sandbox/)
      assert.isFalse(existsSync(join(folder, "fixture/add.js")))
    }).pipe(Effect.scoped)
  )

  it.live("applies patches and edits of tools to a commit, without its history", () =>
    Effect.gen(function* () {
      const folder = yield* writtenFolder({ ...fixture, "fixture/add.js": "export const add = (a, b) => a - b\n" })
      const git = (...args: ReadonlyArray<string>) =>
        execFileSync("git", ["-C", join(folder, "fixture"), "-c", "user.name=a", "-c", "user.email=a@b.c", ...args])
      git("init", "-q")
      git("add", ".")
      git("commit", "-qm", "first")
      yield* Effect.promise(() =>
        import("node:fs/promises").then((fs) => fs.writeFile(join(folder, "fixture/new"), ""))
      )
      const repository = { path: "fixture", commit: "HEAD" }
      const patch = (line: string) =>
        `\`\`\`diff\n--- a/add.js\n+++ b/add.js\n@@ -1 +1 @@\n-${line}\n+export const add = (a, b) => a + b\n\`\`\``
      const run = "test ! -e .git && test ! -e new && node --test"
      const of = (text: string) => check(folder, { repository, command: run }, text, on)
      assert.deepStrictEqual(yield* of(patch("export const add = (a, b) => a - b")), {
        pass: true,
        message: "2 tests passed"
      })
      const stale = yield* of(patch("export const add = 0"))
      assert.match(stale.message, /^The answer cannot be used: patch 1 does not apply\./)
      assert.throws(
        () =>
          command.make(
            Schema.decodeSync(command.options)({ repository: { ...repository, commit: "nope" }, command: "true" }),
            { folder, isolation, memory: remembering() }
          ),
        /has no commit "nope"/
      )
    }).pipe(Effect.scoped)
  )

  it.live("runs the tests as they are, however a patch names them", () =>
    Effect.gen(function* () {
      const kept = {
        "fixture/test/add.test.js": 'import "node:fs"\nprocess.exit(1)\n',
        "fixture/package.json": '{"type":"module"}'
      }
      const folder = yield* writtenFolder(kept)
      const options = {
        fixture: "fixture",
        files: { keep: ["test"] as const },
        command: ["node", "test/add.test.js"] as const
      }
      const hunk = '@@ -1,2 +1,1 @@\n-import "node:fs"\n-process.exit(1)\n+console.log("hi")\n'
      for (const [from, to] of [
        ["a/test/add.test.js", "b/test/add.test.js"],
        ['"a/te\\163t/add.test.js"', '"b/te\\163t/add.test.js"'],
        ["zz/test/add.test.js", "zz/test/add.test.js"]
      ]) {
        const patch = `\`\`\`diff\n--- ${from}\n+++ ${to}\n${hunk}\`\`\``
        const { broken, message, pass } = yield* check(folder, options, patch, on)
        assert.deepStrictEqual([pass, broken], [false, undefined], `${from}: ${message}`)
        assert.notInclude(message, "\nhi")
      }
    }).pipe(Effect.scoped)
  )

  it.live("fails an answer whose patch puts a file where a kept folder is", () =>
    Effect.gen(function* () {
      const folder = yield* writtenFolder({ "fixture/test/a.test.mjs": "1\n" })
      const patch = (test: string, mark: string) =>
        [
          "```diff",
          `diff --git ${mark}x/${test}/a.test.mjs${mark} ${mark}x/${test}/a.test.mjs${mark}`,
          "deleted file mode 100644",
          `--- ${mark}x/${test}/a.test.mjs${mark}`,
          "+++ /dev/null",
          "@@ -1 +0,0 @@",
          "-1",
          `diff --git ${mark}x/${test}${mark} ${mark}x/${test}${mark}`,
          "new file mode 100644",
          "--- /dev/null",
          `+++ ${mark}x/${test}${mark}`,
          "@@ -0,0 +1 @@",
          "+1",
          "```"
        ].join("\n")
      const of = (text: string, keep: ReadonlyArray<string>) =>
        check(folder, { fixture: "fixture", files: { keep }, command: "cat test/a.test.mjs" }, text, on)
      for (const keep of [["test/a.test.mjs", "test"], ["test/a.test.mjs"]]) {
        const { broken, message, pass } = yield* of(patch("test", ""), keep)
        assert.deepStrictEqual([pass, broken], [false, undefined], message)
        assert.match(message, /^The answer cannot be used: test\/a\.test\.mjs is not to be changed\./)
        // In git's own spelling the check before does not see it.
        const hidden = yield* of(patch("te\\163t", '"'), keep)
        assert.deepStrictEqual([hidden.pass, hidden.broken], [false, undefined], hidden.message)
        assert.match(hidden.message, /^The answer cannot be used: after its patches .* cannot be put back\./)
        assert.notMatch(hidden.message, /\/tmp\/understudy|\/sandbox\//)
      }
    }).pipe(Effect.scoped)
  )

  it.live("fails, not breaks, for what the answer does", () =>
    Effect.gen(function* () {
      const folder = yield* writtenFolder(fixture)
      const of = (options: Omit<typeof command.options.Encoded, "fixture">, text: string) =>
        check(folder, { fixture: "fixture", ...options }, text, on)
      const cases = [
        [
          yield* of({ command: "node --test", timeoutSeconds: 1 }, code("{ for (;;); }")),
          /stopped: it ran longer than 1 s/
        ],
        [yield* of({ command: "node --test" }, "Sorry"), /holds no files/],
        [yield* of({ command: "true" }, "```js path=../x.js\n1\n```"), /leads out of the folder/],
        [
          yield* of({ command: "true", files: { keep: ["add.test.js"] } }, "```js path=./add.test.js\n\n```"),
          /add.test.js is not to be changed/
        ],
        [
          yield* of({ command: "true", readOnly: { lib: "fixture" } }, "```js path=lib/a.js\n\n```"),
          /not to be changed/
        ],
        [
          yield* of({ command: "true" }, `\`\`\`js path=${"a".repeat(300)}\n1\n\`\`\``),
          /^The answer cannot be used: the path "a{80}…" has a part longer than 255 bytes\.$/
        ],
        [
          yield* of({ command: "true" }, "```js path=package.json/a.js\n1\n```"),
          /^The answer cannot be used: its files cannot be written over the fixture's\./
        ],
        [yield* of({ command: "echo '1..0'", counts: "tap" }, code("1")), /no test passed/]
      ] as const
      for (const [{ broken, message, pass }, why] of cases) {
        assert.deepStrictEqual([pass, broken], [false, undefined], message)
        assert.match(message, why)
        assert.notInclude(message, "understudy-sandbox")
        assert.notInclude(message, folder)
      }
    }).pipe(Effect.scoped)
  )

  it.live("is broken, not failed, by what is not the answer's doing", () =>
    Effect.gen(function* () {
      const folder = yield* writtenFolder(fixture)
      const of = (options: typeof command.options.Encoded, labels = {}) =>
        check(folder, options, code("1"), { ...on, labels })
      const cases = [
        [
          yield* of({ command: ["no-such-program"] }),
          /the command "no-such-program" could not be started: it is in no folder of the PATH/
        ],
        [yield* of({ command: "true", setup: "exit 3" }), /its setup ended with code 3/],
        [yield* of({ command: "true", fixture: "{label:task}" }, { task: "gone" }), /is no folder/],
        [yield* of({ command: "true", fixture: "{label:task}" }), /has no label "task"/],
        [yield* of({ command: ["cat", "{label:task}"] }, { task: "../x; rm" }), /letters, digits/]
      ] as const
      for (const [{ broken, message }, why] of cases) {
        assert.isTrue(broken, message)
        assert.match(message, why)
      }
    }).pipe(Effect.scoped)
  )

  it.live("takes labels of the case, reports in JUnit's form, and folders shown read-only", () =>
    Effect.gen(function* () {
      const folder = yield* writtenFolder({ ...fixture, "one/one.test.js": test, "modules/dep/x.txt": "dep" })
      const options = {
        fixture: "{label:task}",
        readOnly: { node_modules: "modules" },
        files: { default: "add.js" },
        setup: ["cp", "node_modules/dep/x.txt", "got.txt"] as const,
        env: { SIZE: "small" },
        command: [
          "sh",
          "-c",
          'test "$SIZE$(cat got.txt)" = smalldep && node --test --test-reporter=junit {label:task}.test.js >r.xml'
        ] as const,
        junitFile: "r.xml"
      }
      const right = yield* check(folder, options, "export const add = (a, b) => a + b", {
        ...on,
        labels: { task: "one" }
      })
      assert.deepStrictEqual(right, { pass: true, message: "2 tests passed" })
      const wrong = yield* check(folder, options, "export const add = (a, b) => a", { ...on, labels: { task: "one" } })
      assert.match(wrong.message, /1 of 2 tests failed: adds/)
    }).pipe(Effect.scoped)
  )
})

describe("command", () => {
  it.live("refuses options that cannot be meant, when it is made", () =>
    Effect.gen(function* () {
      const folder = yield* writtenFolder(fixture)
      symlinkSync(folder, join(folder, "link"))
      const make = (options: typeof command.options.Encoded) => () =>
        command.make(Schema.decodeSync(command.options)(options), {
          folder,
          isolation: "required",
          memory: remembering()
        })
      assert.throws(make({ command: "x", fixture: "gone" }), /fixture: .* is no folder/)
      assert.throws(make({ command: "x", fixture: "fixture", repository: { path: ".", commit: "a" } }), /only one/)
      assert.throws(make({ command: "x", readOnly: { a: "gone" } }), /readOnly: .* is not there/)
      assert.throws(make({ command: "x", readOnly: { "../a": "fixture" } }), /leads out/)
      assert.throws(make({ command: "x", env: { "A=B": "" } }), /cannot be the name/)
      assert.throws(make({ command: "x", files: { default: "/a" } }), /absolute/)
      assert.throws(make({ command: "x", junitFile: "../a" }), /leads out/)
      assert.throws(make({ command: "" }))
      assert.throws(make({ command: "x", limits: { memoryMb: 0 } }))
    }).pipe(Effect.scoped)
  )

  it.live("says before a run what the isolation lacks", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* isolationFault("none"))
      const runtime = join(dirname(process.execPath), "no-engine")
      const lack = yield* isolationFault({ container: { runtime, image: "node" } })
      assert.match(lack ?? "", /is not found on the PATH/)
    })
  )
})
