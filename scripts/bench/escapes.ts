/** Tries to get out of the sandbox, one way after another, and prints what happened: `npm run bench:escapes`. Code 1 where one got out. */
import { spawn } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"

import * as Effect from "effect/Effect"

import type { Ran } from "../../src/checks/sandbox/contract.ts"
import { run } from "../../src/checks/sandbox/run.ts"
import { processes } from "../../src/checks/sandbox/tree.ts"
import { escapeLimits, escapes } from "../../src/testing/escapes.ts"

const secret = "sk-a-secret-of-the-bench-0123456789"
const sign = "understudy-bench-outlived"
const folder = mkdtempSync(join(tmpdir(), "understudy-escapes-"))
const fixture = join(folder, "fixture")
const secretFile = join(folder, "secret")
chmodSync(folder, 0o777)
mkdirSync(fixture)
writeFileSync(secretFile, secret)
writeFileSync(join(fixture, "original.txt"), "as it was\n")
const neighbour = spawn("sleep", ["600"], { env: { KEY: secret }, stdio: "ignore" })
let connections = 0
const server = createServer((socket) => {
  connections++
  socket.destroy()
})
const port = await new Promise<number>((resolve) => {
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    resolve(typeof address === "object" && address !== null ? address.port : 0)
  })
})

const commandOf = (pid: number) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8")
  } catch {
    return ""
  }
}
const outlived = () => processes().some(({ pid }) => commandOf(pid).includes(sign))
const changed = () =>
  existsSync(join(folder, "written")) || readFileSync(join(fixture, "original.txt"), "utf8") !== "as it was\n"

const happened = (ran: Ran): string => {
  if (ran.kind === "stopped") return `killed: ${ran.why}`
  if (ran.kind !== "ended") return `${ran.kind}: ${ran.why}`
  const said = ran.output.trim().split("\n").at(-1)?.slice(0, 70) ?? ""
  return `ended with ${ran.code}${said === "" ? ", nothing printed" : `: ${said}`}`
}

let out = 0
console.log("| try | what happened | ms | escaped |\n| --- | --- | ---: | --- |")
for (const attempt of escapes({ secret, secretFile, folder, fixture, home: homedir(), port, pid: process.pid, sign })) {
  const began = performance.now()
  const job = { fixture, argv: ["sh", "-c", attempt.script], limits: escapeLimits, timeoutMs: attempt.timeoutMs }
  const ran = await Effect.runPromise(run("required", job))
  const ms = Math.round(performance.now() - began)
  const told = "output" in ran && (ran.output.includes("ESCAPED") || ran.output.includes(secret))
  const escaped = ran.kind === "fault" ? "not tried" : told || changed() || outlived() || connections > 0 ? "YES" : "no"
  if (escaped !== "no") out++
  console.log(`| ${attempt.name} | ${happened(ran).replaceAll("|", "/")} | ${ms} | ${escaped} |`)
}
neighbour.kill()
server.close()
rmSync(folder, { recursive: true, force: true })
process.exitCode = out === 0 ? 0 : 1
