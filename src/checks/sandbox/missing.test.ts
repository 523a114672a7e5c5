import { chmodSync, existsSync, mkdirSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"

import { writtenFolder } from "../../testing/written.ts"
import { type Job, standardLimits } from "./contract.ts"
import { launch } from "./launch.ts"
import { run } from "./run.ts"

/** Runs without isolation where the PATH is this, and gives why it was a fault. */
const faultOf = (path: string, job: Partial<Job>) =>
  run("none", { argv: ["/bin/sh", "-c", "echo hello"], limits: standardLimits, timeoutMs: 10_000, ...job }).pipe(
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({ PATH: path }))),
    Effect.map((ran) => (ran.kind === "fault" ? ran.why : JSON.stringify(ran)))
  )

/** A folder of programs: links to those named. */
const programs = (folder: string, names: ReadonlyArray<string>) => {
  const bin = join(folder, "bin")
  mkdirSync(bin)
  for (const name of names) symlinkSync(`/bin/${name}`, join(bin, name))
  return bin
}

describe("without isolation", () => {
  it.live.skipIf(existsSync(join(dirname(process.execPath), "cp")))(
    "says which command is missing, and never that the answer is bad",
    () =>
      Effect.gen(function* () {
        const folder = yield* writtenFolder({
          "fixture/a.txt": "a\n",
          "files/b.txt": "b\n",
          "p.patch": "",
          "no.sh": ""
        })
        const [fixture, files] = [join(folder, "fixture"), join(folder, "files")]
        const noFolder = "it is in no folder of the PATH"
        const withCp = programs(folder, ["cp"])
        chmodSync(join(folder, "no.sh"), 0o644)
        for (const [path, job, why] of [
          ["/nowhere", { fixture }, `the command "cp" could not be started: ${noFolder}`],
          ["/nowhere", { files }, `the command "cp" could not be started: ${noFolder}`],
          [withCp, { fixture, readOnly: { lib: folder } }, `the command "mkdir" could not be started: ${noFolder}`],
          [
            "/nowhere",
            { patches: [join(folder, "p.patch")] },
            "patches cannot be applied: neither git nor patch is in a folder of the PATH"
          ],
          ["/nowhere", { report: "r.xml" }, `the command "head" could not be started: ${noFolder}`],
          ["/nowhere", { argv: ["sh", "-c", "true"] }, `the command "sh" could not be started: ${noFolder}`],
          ["/nowhere", { argv: ["/no/such"] }, 'the command "/no/such" could not be started: there is no such file'],
          [
            "/nowhere",
            { argv: [join(folder, "no.sh")] },
            `the command ${JSON.stringify(join(folder, "no.sh"))} could not be started: it may not be executed`
          ],
          [
            "/nowhere",
            { setup: ["no-such-tool", "i"] },
            `its setup's command "no-such-tool" could not be started: ${noFolder}`
          ],
          ["/nowhere", { argv: ["$(id)'\"\n"] }, `the command "$(id)'\\"\\n" could not be started: ${noFolder}`]
        ] as const) {
          assert.strictEqual(yield* faultOf(path, job), why)
        }
      }).pipe(Effect.scoped)
  )

  it.live("an empty PATH does not make the answer's own files commands", () =>
    Effect.gen(function* () {
      const folder = yield* writtenFolder({ "bin/x": "" })
      const fixture = yield* writtenFolder({ tool: "#!/bin/sh\necho mine\n" })
      chmodSync(join(fixture, "tool"), 0o755)
      assert.strictEqual(
        yield* faultOf(`${programs(`${folder}/bin`, ["cp"])}:`, { fixture, argv: ["tool"] }),
        'the command "tool" could not be started: it is in no folder of the PATH'
      )
    }).pipe(Effect.scoped)
  )
})

it.live("a program that does not start is named with the reason", () =>
  Effect.gen(function* () {
    const { code, errors } = yield* launch({ program: "/no/such/sh", argv: [], env: {} }, "", standardLimits, 5_000)
    assert.strictEqual(code, null)
    assert.strictEqual(errors, "/no/such/sh could not be started: there is no such program")
  })
)
