import { execFileSync } from "node:child_process"
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { writtenFolder } from "../testing/written.ts"
import { checkedOut, commitOf } from "./repository.ts"

const gitIn =
  (folder: string) =>
  (...args: ReadonlyArray<string>) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { encoding: "utf8" })

/** A repository with one commit of these files. */
const committed = Effect.fnUntraced(function* (files: Readonly<Record<string, string>>) {
  const folder = yield* writtenFolder(files)
  const git = gitIn(folder)
  git("init", "-q")
  git("add", ".")
  git("commit", "-qm", "first")
  return { folder, git }
})

const filesOf = (folder: string, commit = "HEAD") => Effect.promise(() => checkedOut(folder, commitOf(folder, commit)))
const text = (...parts: ReadonlyArray<string>) => readFileSync(join(...parts), "utf8")

describe("the files of a commit", () => {
  it.live("are those that were committed, whatever attributes say", () =>
    Effect.gen(function* () {
      const attributes =
        "test export-ignore\nid.txt export-subst ident\nline.txt text eol=crlf\nwide.txt working-tree-encoding=UTF-16\n*.up filter=up\n"
      const { folder, git } = yield* committed({
        "test/a.txt": "test\n",
        "id.txt": "$Format:%H$ $Id$\n",
        "line.txt": "one\ntwo\n",
        "x.up": "small\n",
        "empty.txt": "",
        "sub/b.txt": "b\n"
      })
      yield* Effect.promise(() =>
        import("node:fs/promises").then(async (fs) => {
          await fs.writeFile(join(folder, ".gitattributes"), attributes)
          await fs.writeFile(join(folder, ".git/info/attributes"), "sub export-ignore\n")
        })
      )
      git("config", "filter.up.smudge", `touch ${join(folder, "ran")}; tr a-z A-Z`)
      git("config", "filter.up.clean", "cat")
      git("add", ".gitattributes")
      git("commit", "-qm", "second")
      const files = yield* filesOf(folder)
      assert.deepStrictEqual(readdirSync(files).sort(), [
        ".gitattributes",
        "empty.txt",
        "id.txt",
        "line.txt",
        "sub",
        "test",
        "x.up"
      ])
      assert.strictEqual(text(files, "test/a.txt"), "test\n")
      assert.strictEqual(text(files, "sub/b.txt"), "b\n")
      assert.strictEqual(text(files, "id.txt"), "$Format:%H$ $Id$\n")
      assert.strictEqual(text(files, "line.txt"), "one\ntwo\n")
      assert.strictEqual(text(files, "x.up"), "small\n")
      assert.strictEqual(text(files, "empty.txt"), "")
      assert.isFalse(existsSync(join(folder, "ran")))
    }).pipe(Effect.scoped)
  )

  it.live("keep their rights, links and contents; of a folder of the repository only that is taken", () =>
    Effect.gen(function* () {
      const folder = yield* writtenFolder({
        "sub/run.sh": "#!/bin/sh\n",
        "sub/ä b.txt": "x",
        "big.txt": "0123\n".repeat(300_000)
      })
      chmodSync(join(folder, "sub/run.sh"), 0o755)
      symlinkSync("run.sh", join(folder, "sub/link"))
      const git = gitIn(folder)
      git("init", "-q")
      git("add", ".")
      git("commit", "-qm", "first")
      const all = yield* filesOf(folder)
      assert.strictEqual(text(all, "big.txt"), "0123\n".repeat(300_000))
      const sub = yield* filesOf(join(folder, "sub"))
      assert.deepStrictEqual(readdirSync(sub).sort(), ["link", "run.sh", "ä b.txt"])
      assert.strictEqual(lstatSync(join(sub, "run.sh")).mode & 0o777, 0o755)
      assert.strictEqual(lstatSync(join(sub, "ä b.txt")).mode & 0o777, 0o644)
      assert.strictEqual(readlinkSync(join(sub, "link")), "run.sh")
    }).pipe(Effect.scoped)
  )

  it.live("are refused where a tree written by hand leads elsewhere", () =>
    Effect.gen(function* () {
      const { folder, git } = yield* committed({ "a.txt": "a\n" })
      const blob = git("rev-parse", "HEAD:a.txt").trim()
      const body = Buffer.concat([Buffer.from("100644 ..\0"), Buffer.from(blob, "hex")])
      const made = (args: ReadonlyArray<string>, input: Buffer) =>
        execFileSync("git", ["-C", folder, ...args], { input, encoding: "utf8" }).trim()
      const tree = made(["hash-object", "-t", "tree", "-w", "--stdin", "--literally"], body)
      const commit = git("commit-tree", tree, "-m", "x").trim()
      const why = yield* Effect.promise(() => checkedOut(folder, commit).catch(String))
      assert.match(why, /holds the path "\.\.", which is no file's/)
    }).pipe(Effect.scoped)
  )
})
