import { mkdirSync, readFileSync, symlinkSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

import { answer } from "../testing/grading.ts"
import { writtenFolder } from "../testing/written.ts"
import { pathsOfDiff } from "./diff.ts"
import { type Edit, editsOf, type FileOptions } from "./files.ts"
import { stage } from "./stage.ts"

const of = (text: string, options: FileOptions = {}) => editsOf(answer(text), options)
const brief = (edits: Result.Result<ReadonlyArray<Edit>, string>) =>
  Result.isFailure(edits)
    ? edits.failure
    : edits.success.map((edit) => (edit.kind === "write" ? `${edit.path}=${edit.content}` : edit.kind))

const diff = (path: string, more = "") =>
  `--- a/${path}\n+++ b/${path}\n${more}@@ -1 +1 @@\n-export const n = 1\n+export const n = 2\n`

describe("the files of an answer", () => {
  it.for([
    ["path= behind the fence", "Here:\n```js path=src/a.js\n1\n```", ["src/a.js=1\n"]],
    ["a quoted title", '```js title="src/a b.js"\n1\n```', ["src/a b.js=1\n"]],
    ["a bare path", "```js src/a.js\n1\n```\n```src/b.js\n2\n```", ["src/a.js=1\n", "src/b.js=2\n"]],
    ["language:path", "```ts:src/a.ts\n1\n```", ["src/a.ts=1\n"]],
    ["a first line", "```js\n// file: a.js\n1\n```", ["a.js=// file: a.js\n1\n"]],
    ["a first line with a folder", "```py\n# src/a.py\n1\n```", ["src/a.py=# src/a.py\n1\n"]],
    ["a longer fence around a shorter", "````md path=a.md\n```js\n1\n```\n````", ["a.md=```js\n1\n```\n"]],
    ["an unclosed fence", "```js path=a.js\n1", ["a.js=1\n"]],
    ["Windows line ends", "```js path=a.js\r\n1\r\n```\r\n", ["a.js=1\n"]],
    ["a patch", `\`\`\`diff\n${diff("a.js")}\`\`\``, ["patch"]],
    ["a patch without a fence", diff("a.js"), ["patch"]]
  ] as const)("are read by %s", ([, text, edits]) => {
    assert.deepStrictEqual(brief(of(text)), [...edits])
  })

  it("are the default's, where one block is meant", () => {
    const options = { default: "a.js" }
    assert.deepStrictEqual(brief(of("```\n1\n```", options)), ["a.js=1\n"])
    assert.deepStrictEqual(brief(of("1", options)), ["a.js=1"])
    assert.deepStrictEqual(brief(of("```javascript\n1\n```\n```bash\nnode a.js\n```", options)), ["a.js=1\n"])
    assert.match(String(brief(of("```js\n1\n```\n```js\n2\n```", options))), /2 blocks without a path/)
  })

  it("are what tools write", () => {
    const options = {
      tools: { write: { path: "file", content: "text" }, edit: { path: "file", old: "from", new: "to" } }
    }
    const calls = [
      { name: "look", arguments: { file: "../x" } },
      { name: "write", arguments: { file: "a.js", text: "1" } },
      { name: "edit", arguments: { file: "a.js", from: "1", to: "2" } }
    ]
    assert.deepStrictEqual(brief(editsOf(answer("", calls), options)), ["a.js=1", "replace"])
    const bad = editsOf(answer("", [{ name: "write", arguments: { file: "a.js" } }]), options)
    assert.strictEqual(brief(bad), 'the call of write has no text in "text"')
  })

  it.for([
    ["an absolute path", "```js path=/etc/passwd\n1\n```", "absolute"],
    ["a home path", "```js path=~/.ssh/config\n1\n```", "absolute"],
    ["a drive", "```js path=C:\\a.js\n1\n```", "absolute"],
    ["a way out", "```js path=src/../../a.js\n1\n```", "leads out of the folder"],
    ["a way out by backslashes", "```js path=..\\a.js\n1\n```", "leads out of the folder"],
    ["a patch that leads out", `\`\`\`diff\n${diff("../../a.js")}\`\`\``, "leads out of the folder"],
    ["a patch that renames out", "```diff\nrename from a.js\nrename to ../a.js\n```", "leads out of the folder"],
    ["a patch that makes a link", `\`\`\`diff\n${diff("l", "new file mode 120000\n")}\`\`\``, "symbolic link"],
    ["a link with zeros before its mode", `\`\`\`diff\n${diff("l", "new file mode 0120000\n")}\`\`\``, "symbolic link"],
    [
      "a link with spaces before its mode",
      `\`\`\`diff\n${diff("l", "new file mode  120000 \n")}\`\`\``,
      "symbolic link"
    ],
    ["a file that becomes a link", `\`\`\`diff\n${diff("l", "new mode 000120777\n")}\`\`\``, "symbolic link"],
    ["a link that is changed", `\`\`\`diff\n${diff("l", "index 1..2 0120000\n")}\`\`\``, "symbolic link"],
    ["a submodule", `\`\`\`diff\n${diff("l", "new file mode 0160000\n")}\`\`\``, "submodule"],
    ["a device", `\`\`\`diff\n${diff("l", "new file mode 060644\n")}\`\`\``, 'mode "060644", which is no file\'s'],
    ["a mode that is none", `\`\`\`diff\n${diff("l", "new file mode -57777\n")}\`\`\``, "which is no file's"],
    [
      "a part of a path that is too long",
      `\`\`\`js path=src/${"a".repeat(300)}\n1\n\`\`\``,
      "a part longer than 255 bytes"
    ],
    [
      "a part that is too long in bytes",
      `\`\`\`js path=${"ä".repeat(128)}.js\n1\n\`\`\``,
      "a part longer than 255 bytes"
    ],
    ["a path that is too long", `\`\`\`js path=${"abc/".repeat(300)}a.js\n1\n\`\`\``, "longer than 1,024 bytes"],
    ["a patch with a path that is too long", `\`\`\`diff\n${diff("a".repeat(300))}\`\`\``, "longer than 255 bytes"],
    ["nothing", "Sorry.", "holds no files"]
  ] as const)("are refused for %s", ([, text, why]) => {
    assert.include(brief(of(text)), why)
  })
})

describe("the paths of a patch", () => {
  const file = (name: string, more = "") => `--- ${name}\n+++ ${name}\n@@ -1,2 +1,2 @@\n x\n-1\n+2\n${more}`
  it.for([
    ["lose their first part, whatever it is", file("x/test/a.js"), ["test/a.js"]],
    ["lose it with all slashes behind it", file("x//test/a.js"), ["test/a.js"]],
    ["may be whole where one has one part only", file("a.js") + file("test/b.js"), ["a.js", "b.js", "test/b.js"]],
    ["are those of files without lines", "diff --git x/a b.js y/a b.js\ndeleted file mode 100644\n", ["a b.js"]],
    ["are whole where a file is moved", "diff --git x/a y/b\nrename from a\nrename to t/b\n", ["a", "t/b"]],
    [
      "are not what hunks hold",
      `--- x/a.sql\n+++ x/a.sql\n@@ -1,3 +1,1 @@\n--- /etc/${"a".repeat(300)}\n--- ../x\n x\n${file("x/b.js")}`,
      ["a.sql", "b.js"]
    ],
    [
      "are those behind a hunk that is too short",
      `--- x/a\n+++ x/a\n@@ -1,9 +1,9 @@\n x\ndiff --git x/b x/b\n`,
      ["a", "b"]
    ]
  ] as const)("%s", ([, text, paths]) => {
    assert.deepStrictEqual(
      Result.getOrElse(pathsOfDiff(text), (why) => [why]),
      [...paths]
    )
  })
})

describe("staging", () => {
  const staged = (edits: ReadonlyArray<Edit>) =>
    Effect.gen(function* () {
      const root = yield* writtenFolder({ "fixture/src/a.js": "one two one", "secret/x": "s" })
      const [fixture, folder] = [join(root, "fixture"), join(root, "staged")]
      symlinkSync(join(root, "secret"), join(fixture, "link"))
      mkdirSync(folder)
      const result = stage(edits, fixture, folder)
      const text = Result.isSuccess(result) ? readFileSync(join(folder, "files/src/a.js"), "utf8") : result.failure
      assert.strictEqual(readFileSync(join(root, "secret/x"), "utf8"), "s")
      assert.strictEqual(readFileSync(join(fixture, "src/a.js"), "utf8"), "one two one")
      return text
    }).pipe(Effect.scoped)
  const replace = (old: string, path = "src/a.js"): Edit => ({ kind: "replace", path, old, with: "$&" })
  const write = (path: string): Edit => ({ kind: "write", path, content: "new" })

  it.live("replaces in the fixture's file, and in what was written before", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* staged([replace("two")]), "one $& one")
      assert.strictEqual(yield* staged([write("src/a.js"), replace("ew")]), "n$&")
    })
  )
  it.live("refuses what cannot be meant, and what goes through a link", () =>
    Effect.gen(function* () {
      assert.include(yield* staged([replace("one")]), "2 times")
      assert.include(yield* staged([replace("three")]), "0 times")
      assert.include(yield* staged([replace("a", "b.js")]), "is not there")
      assert.include(yield* staged([write("link/x")]), "symbolic link")
      assert.include(yield* staged([{ kind: "patch", diff: diff("link/x") }]), "symbolic link")
      assert.include(yield* staged([write("src")]), "is a folder")
      assert.include(yield* staged([write("a"), write("a/b")]), "lies under a file")
      const long = "a".repeat(300)
      assert.strictEqual(yield* staged([write(long)]), `"${long}" cannot be written (ENAMETOOLONG)`)
    })
  )
})
