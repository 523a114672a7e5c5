import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

import { afterAll, assert, describe, it } from "@effect/vitest"

const work = mkdtempSync(join(tmpdir(), "understudy-ensure-"))
const npm = join(work, "bin/npm")
const installed = join(work, "installed")
mkdirSync(join(work, "bin"))
writeFileSync(
  npm,
  `#!/bin/sh\necho "$PWD" >> ${installed}\nsleep 3\nmkdir -p node_modules\necho > node_modules/.package-lock.json\n`
)
chmodSync(npm, 0o755)
afterAll(() => rmSync(work, { recursive: true }))

/** A clone that is not installed yet. */
const cloneOf = (name: string) => {
  const clone = join(work, name)
  cpSync(resolve(import.meta.dirname, "ensure.cjs"), join(clone, "scripts/ensure.cjs"), { recursive: true })
  writeFileSync(join(clone, "package-lock.json"), "{}")
  return clone
}
const temporary = join(work, "tmp")
mkdirSync(temporary)

const start = (clone: string) =>
  spawn(process.execPath, [join(clone, "scripts/ensure.cjs")], {
    env: { PATH: `${join(work, "bin")}:/usr/bin:/bin`, TMPDIR: temporary },
    stdio: "ignore",
    detached: true // a group of its own, which ends as one
  })
const ended = async (child: ReturnType<typeof start>) => (await once(child, "exit"))[0]
const installs = (clone: string) =>
  (existsSync(installed) ? readFileSync(installed, "utf8") : "")
    .split("\n")
    .filter((line) => line.endsWith(clone.slice(work.length))).length

describe.skipIf(process.platform === "win32")("a first start", () => {
  it("installs once when there are several at once, and a later one installs nothing", async () => {
    const clone = cloneOf("together")
    assert.deepStrictEqual(await Promise.all([1, 2, 3].map(() => ended(start(clone)))), [0, 0, 0])
    assert.strictEqual(await ended(start(clone)), 0)
    assert.strictEqual(installs(clone), 1)
  })

  it("does not wait for one that was killed", async () => {
    const clone = cloneOf("killed")
    const first = start(clone)
    while (installs(clone) === 0) await new Promise((go) => setTimeout(go, 20))
    process.kill(-first.pid!, "SIGKILL")
    await once(first, "exit")
    assert.strictEqual(await ended(start(clone)), 0)
    assert.strictEqual(installs(clone), 2)
  })
})
