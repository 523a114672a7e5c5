import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

import { afterAll, assert, describe, it } from "@effect/vitest"

const root = resolve(import.meta.dirname, "..")
const work = mkdtempSync(join(tmpdir(), "understudy-launcher-"))
/** Milliseconds that starting Node twice may take on a busy machine. */
const patience = 120_000

/** Makes this Node pass for an old one, but not the one that the launcher starts. */
const old = join(work, "old.mjs")
writeFileSync(
  old,
  `if (process.argv0 !== "understudy") {
    Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.19.0" } })
    Object.defineProperty(process, "version", { value: "v20.19.0" })
  }`
)

/** The launcher as it lies in the package: no source beside it, no Node brought along. */
const packed = join(work, "package")
cpSync(join(root, "bin"), join(packed, "bin"), { recursive: true })
cpSync(join(root, "package.json"), join(packed, "package.json"))

const ofPackage = (...args: ReadonlyArray<string>) =>
  spawnSync(process.execPath, ["--import", old, "package/bin/understudy.js", ...args], { cwd: work, encoding: "utf8" })
const inCheckout = [join(root, "bin/understudy.js")]

/** A suite that never ends loading; it tells the process that loads it. */
const endless = join(work, "endless.suite.ts")
writeFileSync(
  endless,
  `console.error("pid " + process.pid)\nsetInterval(() => {}, 1000)\nawait new Promise(() => {})\n`
)

/** Starts the launcher on an old Node, and waits until the run in the Node it brought is under way. */
const underWay = async (): Promise<{ readonly launcher: ChildProcess; readonly run: number }> => {
  const args = ["--import", old, ...inCheckout, "replay", endless, "--home", join(work, "home")]
  const launcher = spawn(process.execPath, args, { cwd: work, stdio: ["ignore", "ignore", "pipe"] })
  launcher.stderr!.setEncoding("utf8")
  let said = ""
  for await (const text of launcher.stderr!.iterator({ destroyOnReturn: false })) {
    said += text
    const pid = /^pid (\d+)$/m.exec(said)?.[1]
    if (pid !== undefined) return { launcher, run: Number(pid) }
  }
  throw new Error(`the run did not start: ${said}`)
}
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe("the launcher", { timeout: patience }, () => {
  afterAll(() => rmSync(work, { recursive: true, force: true }))

  it("says in the package, on too old a Node, how the same command runs in a fit one: code 2", () => {
    const { status, stderr, stdout } = ofPackage("climb", "my suite.ts")
    assert.deepStrictEqual([status, stdout], [2, ""])
    assert.include(stderr, "needs Node 24.11 or newer and this is v20.19.0")
    assert.match(stderr, /npm exec --yes --package=node-\S+@\S+ -- node package\S+understudy.js climb "my suite.ts"$/m)
  })

  it("says it as a document with --json", () => {
    const { status, stderr, stdout } = ofPackage("climb", "--json")
    assert.deepStrictEqual([status, stderr], [2, ""])
    assert.strictEqual(JSON.parse(stdout).error.kind, "usage")
  })

  it("names the Node that a checkout brings along", () => {
    const { optionalDependencies: brought } = JSON.parse(readFileSync(join(root, "scripts/node/package.json"), "utf8"))
    const text = readFileSync(join(root, "bin/understudy.js"), "utf8")
    const [, version] = /const version = "([\d.]+)"/.exec(text) ?? []
    const named = [...text.matchAll(/": "(node-[\w-]+)"/g)].map(([, name]) => [name, version])
    assert.deepStrictEqual(Object.fromEntries(named), brought)
  })

  it("goes on in the Node that npm brought, with arguments, output and exit code", () => {
    const run = (...args: ReadonlyArray<string>) =>
      spawnSync(process.execPath, ["--import", old, ...inCheckout, ...args], { cwd: work, encoding: "utf8" })
    const help = run("import", "--help")
    assert.strictEqual(help.status, 0)
    assert.include(help.stdout, "understudy import")
    const bad = run("replay", "none.suite.ts", "--json", "--home", join(work, "home"))
    assert.deepStrictEqual([bad.status, bad.stderr], [2, ""])
    assert.strictEqual(JSON.parse(bad.stdout).error.kind, "input")
  })

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`passes ${signal} on, and ends as the run ends: code 130`, async () => {
      const { launcher, run } = await underWay()
      launcher.kill(signal)
      const [code] = await once(launcher, "exit")
      assert.deepStrictEqual([code, isAlive(run)], [130, false])
    })
  }

  it("that is killed takes the run with it", async () => {
    const { launcher } = await underWay()
    launcher.kill("SIGKILL")
    await once(launcher, "close") // its stderr is the run's as well: while the run lives it does not close
  })
})
