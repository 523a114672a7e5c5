import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { filesBelow, fillDesk, liteLlmLines, makeDesk } from "../testing/desk.ts"
import { launcher, understudy } from "../testing/launcher.ts"

const patience = 180_000

const makePipe = (path: string) => execFileSync("sh", ["-c", 'mkfifo "$0"', path])

interface Failure {
  readonly error: { readonly kind: string; readonly message: string; readonly file?: string; readonly mend?: string }
}

describe("a place on the disk that will not do", { concurrent: true }, () => {
  it.live(
    "as a home or for a report: exit 2 with a sentence and a mend, before any work",
    () =>
      Effect.gen(function* () {
        const desk = yield* makeDesk
        yield* desk.write("calls.jsonl", liteLlmLines(3))
        yield* desk.write("file", "")
        symlinkSync("circle", join(desk.folder, "circle"))
        symlinkSync("nowhere", join(desk.folder, "dangling"))
        const homes = ["file", "file/x", "circle", "dangling/x"]
        const refused = Effect.fnUntraced(function* (args: ReadonlyArray<string>, says: RegExp) {
          const { code, json, stderr, stdout } = yield* understudy([...args, "--json"], { cwd: desk.folder })
          assert.strictEqual(code, 2, `${args.join(" ")}: ${stdout}${stderr}`)
          const { error } = json as Failure
          assert.strictEqual(error.kind, "input")
          assert.match(error.message, says)
          assert.isNotEmpty(error.mend ?? "")
        })
        const wrong = /a folder is wanted|no folder can be made|lead in a circle/
        for (const home of homes) yield* refused(["import", "calls.jsonl", "--home", home], wrong)
        for (const out of ["file", "circle"]) yield* refused(["demo", "--home", "fresh", "--out", out], wrong)
        assert.isFalse(existsSync(join(desk.folder, "fresh")), "nothing was begun")
        const empty = yield* understudy(["archive", "--home", ""], { cwd: desk.folder })
        assert.strictEqual(empty.code, 2)
        assert.match(empty.stderr, /--home wants a folder/)
        if (process.platform === "linux") {
          yield* refused(["import", "calls.jsonl", "--home", "/proc/x"], wrong)
          yield* refused(["demo", "--home", "fresh", "--out", "/proc/x/y"], wrong)
        }
      }).pipe(Effect.scoped),
    patience
  )

  it.live.skipIf(process.platform === "win32")(
    "as history: a pipe is not waited for (needs named pipes)",
    () =>
      Effect.gen(function* () {
        const desk = yield* makeDesk
        mkdirSync(join(desk.folder, "exports"))
        makePipe(join(desk.folder, "exports/pipe.jsonl"))
        const named = yield* desk.run(["import", "exports/pipe.jsonl", "--json"])
        assert.strictEqual(named.code, 2)
        assert.match((named.json as Failure).error.message, /is a pipe, a socket or a device/)
        yield* desk.write("exports/calls.jsonl", liteLlmLines(3))
        const found = yield* desk.run(["import", "exports", "--json"])
        assert.deepInclude(found.json, { imported: 3, other: { "pipe, socket or device": 1 } })
        makePipe(join(desk.folder, "pipe.suite.ts"))
        assert.match((yield* desk.run(["replay", "pipe.suite.ts"])).stderr, /It is a pipe/)
      }).pipe(Effect.scoped),
    patience
  )

  it.live.skipIf(!existsSync("/dev/full"))(
    "as stdout: an answer that is lost is no success (needs /dev/full)",
    () =>
      Effect.gen(function* () {
        const desk = yield* makeDesk
        yield* fillDesk(desk, 3)
        const run = (to: string) => {
          try {
            const script = `"$0" "$@" ${to}`
            const args = ["-c", script, process.execPath, launcher, "archive", "desk", "--home", desk.home]
            return {
              code: 0,
              stderr: execFileSync("bash", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
            }
          } catch (cause) {
            const { status, stderr } = cause as { status: number; stderr: string }
            return { code: status, stderr }
          }
        }
        const lost = run("> /dev/full")
        assert.strictEqual(lost.code, 5)
        assert.match(lost.stderr, /the answer is lost, for stdout cannot be written/)
        assert.deepStrictEqual(run("| true; exit $PIPESTATUS"), { code: 0, stderr: "" })
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "as an export that holds no finished call: exit 2 with the first reasons, and no archive",
    () =>
      Effect.gen(function* () {
        const desk = yield* makeDesk
        yield* desk.write(
          "bad.jsonl",
          `${liteLlmLines(1).replace("acompletion", "aembedding")}${'{"call_type":"acompletion"}\n'.repeat(3)}`
        )
        const { code, json, stdout } = yield* desk.run(["import", "bad.jsonl", "--json"])
        assert.strictEqual(code, 2, stdout)
        assert.match(
          (json as Failure).error.message,
          /nothing could be imported: 3 records read, 3 skipped; lines that are no calls: 1 aembedding; .*bad\.jsonl:2: .*without messages/
        )
        assert.deepStrictEqual(
          Object.keys(filesBelow(desk.home)).filter((name) => name.startsWith("archive/")),
          []
        )
      }).pipe(Effect.scoped),
    patience
  )
})
