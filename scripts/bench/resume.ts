/**
 * How soon a replay that was killed goes on. An archive of ANSWERS + 1,000 cases is replayed until ANSWERS answers are on the disk, killed
 * (SIGKILL), and started again by the same command: measured is the time from the start of the process to the first request that the fleet sees, when
 * it is killed again. `npm run bench:resume [-- ANSWERS ROUNDS]`, default 100000 and 3.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"

import { writeArchive } from "./archive.ts"

const answers = Number(process.argv[2] ?? 100_000)
const rounds = Number(process.argv[3] ?? 3)
const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url))
const work = mkdtempSync(join(tmpdir(), "understudy-bench-"))

/** The fleet: answers at once, counts, and tells when a request comes. */
const fleet = () => {
  let served = 0
  let told = () => {}
  const body = JSON.stringify({
    id: "chatcmpl-constant",
    object: "chat.completion",
    created: 0,
    model: "sim-echo",
    choices: [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }],
    usage: { prompt_tokens: 379, completion_tokens: 1, total_tokens: 380 }
  })
  const server = createServer((request, response) => {
    told()
    request.resume()
    request.on("end", () => {
      served++
      response.setHeader("content-type", "application/json").end(body)
    })
  })
  return {
    server,
    served: () => served,
    /** The time at which the next request comes, of those from now on. */
    next: () =>
      new Promise<number>((resolve) => {
        told = () => {
          told = () => {}
          resolve(performance.now())
        }
      })
  }
}

const kept = () => {
  const folder = join(work, ".understudy", "answers")
  let lines = 0
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name))
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++
  }
  return lines
}

/** As the launcher does, with Node's compile cache. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(work, "compiled") }
const start = (): ChildProcess =>
  spawn(process.execPath, [main, "replay", "bench.suite.ts"], { cwd: work, env, stdio: "ignore" })
const killed = (child: ChildProcess) =>
  new Promise<void>((resolve) => {
    child.once("exit", () => resolve())
    child.kill("SIGKILL")
  })

const { next, served, server } = fleet()
try {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  writeArchive(join(work, "calls.jsonl"), answers + 1_000)
  const suite = {
    name: "bench",
    archive: { name: "bench" },
    noiseFloor: "skip",
    graders: [{ use: "exact" }],
    incumbent: { provider: "fleet", model: "premium" },
    providers: { fleet: { kind: "openai", baseURL: `http://127.0.0.1:${port}/v1`, concurrency: 64 } },
    setups: [{ provider: "fleet", models: "sim-echo" }]
  }
  writeFileSync(join(work, "bench.suite.ts"), `export default ${JSON.stringify(suite)}\n`)
  const understudy = (...args: ReadonlyArray<string>) => {
    const { status, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: work, env, encoding: "utf8" })
    if (status !== 0 && status !== 4) throw new Error(stderr)
  }
  understudy("import", "calls.jsonl", "--name", "bench")

  const first = start()
  while (served() < answers + 200 || kept() < answers) {
    if (first.exitCode !== null) throw new Error(`the replay ended with ${first.exitCode} before it was killed`)
    await sleep(2)
  }
  await killed(first)
  console.log(`${kept()} answers journalled, killed; Node ${process.version}`)
  const taken: Array<number> = []
  for (let round = 0; round < rounds; round++) {
    const before = kept()
    const seen = next()
    const began = performance.now()
    const child = start()
    taken.push((await seen) - began)
    await killed(child)
    console.log(
      `from the start of the process to the first request, ${before} answers there: ${taken.at(-1)!.toFixed(0)} ms`
    )
  }
  taken.sort((a, b) => a - b)
  console.log(`median ${taken[Math.floor(taken.length / 2)]!.toFixed(0)} ms`)
} finally {
  server.closeAllConnections()
  server.close()
  rmSync(work, { recursive: true, force: true })
}
