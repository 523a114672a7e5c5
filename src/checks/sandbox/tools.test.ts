import { execFileSync } from "node:child_process"
import { chmodSync, constants, copyFileSync, existsSync, mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"

import { writtenFolder } from "../../testing/written.ts"
import { standardLimits } from "./contract.ts"
import { nodeTools } from "./node.ts"
import { run } from "./run.ts"

const absent = !(existsSync("/usr/bin/bwrap") || existsSync("/usr/local/bin/bwrap"))
const job = { limits: standardLimits, timeoutMs: 15_000 }

describe("what is shown of a Node", () => {
  it.live("is its bin, npm's folder and its own libraries, not the folder above", () =>
    Effect.gen(function* () {
      const root = yield* writtenFolder({
        "bin/node": "",
        "lib/node_modules/npm/package.json": "{}",
        "lib/libnode.so.1.2": "",
        "lib/libother.so": "",
        "share/secret": ""
      })
      symlinkSync("libnode.so.1.2", join(root, "lib/libnode.so.1"))
      const at = (...names: ReadonlyArray<string>) => names.map((name) => join(root, name))
      const [program = "", library = ""] = at("bin/node", "lib/libnode.so.1.2")
      assert.deepStrictEqual(
        [...nodeTools(program, new Set([program, library]))].sort(),
        at("bin", "lib/libnode.so.1", "lib/libnode.so.1.2", "lib/node_modules")
      )
      assert.deepStrictEqual(nodeTools(library, new Set()), [library])
    }).pipe(Effect.scoped)
  )
})

describe.skipIf(absent)("the sandbox shows tools [needs bubblewrap]", () => {
  it.live("that lie under the folder for temporary files", () =>
    Effect.gen(function* () {
      const folder = yield* writtenFolder({ "bin/mytool": "#!/bin/sh\necho it runs\n", secret: "s\n" })
      for (const path of [folder, join(folder, "bin/mytool")]) chmodSync(path, 0o755)
      const script = `mytool; echo $?; ls ${folder}; echo x >${folder}/bin/y; echo x >/tmp/z && echo writable`
      const ran = yield* run("required", { ...job, argv: ["sh", "-c", script] }).pipe(
        Effect.provide(
          ConfigProvider.layer(ConfigProvider.fromUnknown({ PATH: `${join(folder, "bin")}:/usr/bin:/bin` }))
        )
      )
      assert.strictEqual(ran.kind, "ended", JSON.stringify(ran))
      if (ran.kind !== "ended") return
      assert.match(ran.output, /^it runs\n0\nbin\n/)
      assert.match(ran.output, /Read-only file system[\s\S]*\nwritable\n$/)
    }).pipe(Effect.scoped)
  )

  it.live.each(["bin", "alone"])("and our Node where that lies there, in a folder called %s", (name) =>
    Effect.gen(function* () {
      const root = yield* writtenFolder({
        "lib/node_modules/npm/cli.js": "#!/usr/bin/env node\nconsole.log('npm runs')\n",
        "share/secret": "s\n"
      })
      const folder = join(root, name)
      mkdirSync(folder)
      for (const path of [root, folder, join(root, "lib/node_modules/npm/cli.js")]) chmodSync(path, 0o755)
      const node = join(folder, "node")
      copyFileSync(process.execPath, node, constants.COPYFILE_FICLONE)
      symlinkSync("../lib/node_modules/npm/cli.js", join(folder, "npm"))
      const given = { ...job, argv: ["sh", "-c", `node --version; npm --version; ls ${root}; ls ${folder}`] }
      const program = [
        'import * as Effect from "effect/Effect"',
        `import { run } from ${JSON.stringify(new URL("run.ts", import.meta.url).pathname)}`,
        `console.log(JSON.stringify(await Effect.runPromise(run("required", ${JSON.stringify(given)}))))`
      ].join("\n")
      const ran = JSON.parse(execFileSync(node, ["--input-type=module", "-e", program], { encoding: "utf8" }))
      assert.strictEqual(ran.kind, "ended", JSON.stringify(ran))
      const lines = ran.output.trim().split("\n")
      assert.strictEqual(lines[0], process.version)
      if (name === "bin") assert.deepStrictEqual(lines.slice(1), ["npm runs", "bin", "lib", "node", "npm"])
      else assert.deepStrictEqual(lines.slice(-2), ["alone", "node"])
    }).pipe(Effect.scoped)
  )
})
