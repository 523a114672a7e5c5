import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { chmod } from "node:fs/promises"
import { createServer, type Server } from "node:net"
import { homedir } from "node:os"
import { join } from "node:path"

import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"

import { escapeLimits, escapes, type Outside } from "../../testing/escapes.ts"
import { writtenFolder } from "../../testing/written.ts"
import { run } from "./run.ts"
import { marked, processes } from "./tree.ts"

const secret = "sk-a-secret-of-the-test-0123456789"
const sign = "understudy-outlived"
const absent = !(existsSync("/usr/bin/bwrap") || existsSync("/usr/local/bin/bwrap"))

const scope = Effect.runSync(Scope.make())
let connections = 0
let server: Server
let outside: Outside

let neighbour: ChildProcess

beforeAll(async () => {
  neighbour = spawn("sleep", ["600"], { env: { KEY: secret }, stdio: "ignore" })
  const folder = await Effect.runPromise(
    writtenFolder({ secret: `${secret}\n`, "fixture/original.txt": "as it was\n" }).pipe(Scope.provide(scope))
  )
  await chmod(folder, 0o777)
  server = createServer((socket) => {
    connections++
    socket.destroy()
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resolve(typeof address === "object" && address !== null ? address.port : 0)
    })
  })
  const fixture = join(folder, "fixture")
  outside = {
    secret,
    secretFile: join(folder, "secret"),
    folder,
    fixture,
    home: homedir(),
    port,
    pid: process.pid,
    sign
  }
})
afterAll(async () => {
  server.close()
  neighbour.kill()
  await Effect.runPromise(Scope.close(scope, Exit.void))
})

const survivors = () =>
  processes().filter(({ pid }) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(sign)
    } catch {
      return false
    }
  })

const names = escapes({ secret, secretFile: "", folder: "", fixture: "", home: "", port: 0, pid: 0, sign }).map(
  ({ name }) => name
)

describe.skipIf(absent)("the sandbox holds [needs bubblewrap]", () => {
  it.for(names)("against the try to %s", (name) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const attempt = escapes(outside).find((one) => one.name === name)
        assert.isDefined(attempt)
        if (attempt === undefined) return
        const ran = yield* run("required", {
          fixture: outside.fixture,
          argv: ["sh", "-c", attempt.script],
          limits: escapeLimits,
          timeoutMs: attempt.timeoutMs
        })
        if (ran.kind === "fault") assert.fail(ran.why)
        assert.notInclude(ran.output, "ESCAPED")
        assert.notInclude(ran.output, secret)
        if (attempt.stoppedBy !== undefined)
          assert.match(ran.kind === "stopped" ? ran.why : ran.kind, attempt.stoppedBy)
        assert.strictEqual(connections, 0)
        assert.isFalse(existsSync(join(outside.folder, "written")))
        assert.strictEqual(readFileSync(join(outside.fixture, "original.txt"), "utf8"), "as it was\n")
        assert.deepStrictEqual(survivors(), [])
      })
    )
  )

  it("against a descriptor that whoever started us left open", () => {
    const file = join(outside.folder, "left-open.txt")
    writeFileSync(file, secret)
    const job = {
      argv: ["sh", "-c", "cat /proc/self/fd/200 /proc/self/fd/201/etc/hostname 2>&1; echo done"],
      limits: escapeLimits,
      timeoutMs: 15_000
    }
    const program = [
      'import * as Effect from "effect/Effect"',
      `import { run } from ${JSON.stringify(new URL("run.ts", import.meta.url).pathname)}`,
      `console.log(JSON.stringify(await Effect.runPromise(run("required", ${JSON.stringify(job)}))))`
    ].join("\n")
    const script = 'exec 200<"$1" 201</; exec "$2" --input-type=module -e "$3"'
    const ran = JSON.parse(
      execFileSync("bash", ["-c", script, "bash", file, process.execPath, program], { encoding: "utf8" })
    )
    assert.strictEqual(ran.kind, "ended", JSON.stringify(ran))
    assert.include(ran.output, "done")
    assert.notInclude(ran.output, secret)
    assert.match(ran.output, /fd\/200/)
    assert.match(ran.output, /fd\/201/)
  })

  it.live("and the tries are real: without it, they succeed", () =>
    Effect.gen(function* () {
      const free = [
        "read a key from other processes",
        "read a secret file outside",
        "connect to a port of this machine",
        "see processes outside"
      ]
      for (const attempt of escapes(outside).filter(({ name }) => free.includes(name))) {
        const ran = yield* run("none", {
          argv: ["sh", "-c", attempt.script],
          limits: escapeLimits,
          timeoutMs: attempt.timeoutMs
        })
        assert.include(ran.kind === "ended" ? ran.output : ran.kind, "ESCAPED", attempt.name)
      }
      connections = 0
    })
  )
})

const stray = "outlives-by-its-environment"
describe.for(absent ? (["none"] as const) : (["required", "none"] as const))("a run (isolation: %s)", (isolation) => {
  const job = { limits: escapeLimits, timeoutMs: 20_000 }
  it.live("sees the environment it is given, and nothing of ours", () =>
    Effect.gen(function* () {
      const ran = yield* run(isolation, { ...job, argv: ["env"], env: { GIVEN: "it's $HOME" } })
      assert.strictEqual(ran.kind, "ended")
      if (ran.kind !== "ended") return
      assert.include(ran.output, "GIVEN=it's $HOME")
      const seen = ran.output.split("\n").flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? [])
      const known = [
        "GIVEN",
        "HOME",
        "TMPDIR",
        "PATH",
        "LANG",
        "NO_COLOR",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "_",
        "UNDERSTUDY_SANDBOX"
      ]
      assert.deepStrictEqual(
        seen.filter((name) => !known.includes(name)),
        []
      )
    })
  )

  it.live("ends with an interruption, with all it started", () =>
    Effect.gen(function* () {
      const argv = ["sh", "-c", "(setsid sleep 300 &); sleep 300"]
      const fiber = yield* Effect.forkChild(run(isolation, { ...job, argv, env: { STRAY: stray } }))
      while (marked(stray).length < 2) yield* Effect.sleep(20)
      yield* Fiber.interrupt(fiber)
      while (marked(stray).length > 0) yield* Effect.sleep(20)
    })
  )

  it.live("is stopped for time, memory, output and processes, each named", () =>
    Effect.gen(function* () {
      const of = (script: string, timeoutMs = 20_000) =>
        Effect.map(run(isolation, { ...job, timeoutMs, argv: ["sh", "-c", script] }), (ran) =>
          ran.kind === "stopped" ? ran.why : JSON.stringify(ran)
        )
      assert.match(yield* of("sleep 300", 300), /timeoutSeconds/)
      assert.match(yield* of("yes"), /outputKb/)
      assert.match(yield* of('node -e "const a=[];for(;;)a.push(Buffer.alloc(2e7,1))"'), /memoryMb/)
    })
  )
})
