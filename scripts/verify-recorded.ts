/**
 * Verifies the main job on recorded answers of real models: imports a premium model's archive, replays it through a server that answers as
 * eleven real models did, and compares the verdicts with the right answers that come with the recordings.
 * Recordings: the folder UNDERSTUDY_RECORDINGS, default ../shared/data/replay. Absent: skipped, and said so.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

import type { RunResult } from "../src/domain/RunResult.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const recordings = resolve(root, process.env["UNDERSTUDY_RECORDINGS"] ?? "../shared/data/replay")
const fleet = join(recordings, "recorded_fleet.py")
const answers = join(recordings, "zeroeval_dev.jsonl.gz")
const group = "math-word-problem-json"
const incumbent = "gpt-4o-2024-08-06"
/** Which wire each candidate is asked over, so that all three SDKs are used. */
const wires = {
  openai: [
    "gpt-4o-mini-2024-07-18",
    "gpt-3.5-turbo-0125",
    "gemini-1.5-flash",
    "deepseek-v2.5-0908",
    "Qwen2-72B-Instruct",
    "Mistral-Large-2"
  ],
  anthropic: ["claude-3-5-haiku-20241022"],
  ollama: ["gemma-2-2b-it", "Meta-Llama-3.1-8B-Instruct", "Meta-Llama-3.1-70B-Instruct"]
}

interface Truth {
  readonly scenarios: {
    readonly "dev/zeroeval-gsm": {
      readonly answer_at_margin: {
        readonly "5": {
          readonly cheapest_at_parity: string
          readonly parity: ReadonlyArray<string>
          readonly must_reject: ReadonlyArray<string>
        }
      }
    }
  }
}

if (!existsSync(fleet)) {
  console.log(`skipped: the recordings are not at ${recordings} (set UNDERSTUDY_RECORDINGS to their folder)`)
  process.exit(0)
}

const failures: Array<string> = []
const expect = (what: string, holds: boolean, seen: unknown) => {
  console.log(`${holds ? "ok  " : "FAIL"} ${what}${holds ? "" : `: ${JSON.stringify(seen)}`}`)
  if (!holds) failures.push(what)
}
const freePort = () =>
  new Promise<number>((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number }
      server.close(() => done(port))
    })
  })
const healthy = async (url: string) => {
  for (let tries = 0; tries < 200; tries++) {
    if (
      await fetch(`${url}/healthz`).then(
        (r) => r.ok,
        () => false
      )
    )
      return
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error(`the recorded fleet does not answer at ${url}`)
}

const work = mkdtempSync(join(tmpdir(), "understudy-recorded-"))
let server: ChildProcess | undefined
try {
  const python = (...args: ReadonlyArray<string>) => {
    const { status, stderr } = spawnSync("python3", [fleet, ...args], { cwd: work, encoding: "utf8" })
    if (status !== 0) throw new Error(`recorded_fleet.py ${args[0]}: ${stderr}`)
  }
  python("export", answers, "--model", incumbent, "--group", group, "--format", "litellm", "--out", "archive.jsonl")
  python("references", answers, "--group", group, "--out", "references.jsonl")
  copyFileSync(join(recordings, "prices.json"), join(work, "prices.json"))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  server = spawn("python3", [fleet, "serve", answers, "--port", String(port)], { stdio: "ignore" })
  await healthy(url)

  mkdirSync(join(work, "suites"))
  writeFileSync(
    join(work, "suites", "gsm.suite.ts"),
    `import { defineSuite } from "@understudy/harness"

export default defineSuite({
  name: "gsm",
  archive: { name: "gsm" },
  cases: { references: { path: "../references.jsonl", key: "label:item_id" } },
  incumbent: { provider: "openai-wire", model: ${JSON.stringify(incumbent)} },
  providers: {
    "openai-wire": { kind: "openai", baseURL: "${url}/v1", prices: "../prices.json" },
    "anthropic-wire": { kind: "anthropic", baseURL: "${url}", prices: "../prices.json" },
    "ollama-wire": { kind: "ollama", baseURL: "${url}", prices: "../prices.json" }
  },
  setups: [
    { provider: "openai-wire", models: ${JSON.stringify(wires.openai)} },
    { provider: "anthropic-wire", models: ${JSON.stringify(wires.anthropic)} },
    { provider: "ollama-wire", models: ${JSON.stringify(wires.ollama)} }
  ],
  graders: [{ use: "numeric", options: { field: "answer" } }],
  parity: { margin: 0.05, alpha: 0.05 }
})
`
  )
  const understudy = (...args: ReadonlyArray<string>) => {
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      [join(root, "bin/understudy.js"), ...args, "--json"],
      {
        cwd: work,
        encoding: "utf8",
        maxBuffer: 2 ** 28
      }
    )
    if (stdout.trim() === "") throw new Error(`understudy ${args.join(" ")} printed nothing: ${stderr}`)
    return { status, doc: JSON.parse(stdout) }
  }
  const imported = understudy("import", "archive.jsonl", "--name", "gsm")
  expect(
    "imports 500 calls, none skipped",
    imported.doc.imported === 500 && imported.doc.skipped.length === 0,
    imported.doc
  )

  const truth = (JSON.parse(readFileSync(join(recordings, "TRUTH_dev.json"), "utf8")) as Truth).scenarios[
    "dev/zeroeval-gsm"
  ].answer_at_margin["5"]
  const replayed = understudy("replay", "suites/gsm.suite.ts")
  const replay = replayed.doc as RunResult
  const verdicts = new Map(replay.standings?.map(({ setup, verdict }) => [setup.model, verdict]))
  for (const { bound, difference, setup, usdPerCase, verdict } of replay.standings ?? []) {
    console.log(
      `     ${setup.model.padEnd(28)} ${verdict.padEnd(12)} ${(100 * difference.estimate).toFixed(1).padStart(6)} points, bound ${(100 * bound).toFixed(1)}, $${usdPerCase} a case`
    )
  }
  expect("replay gives all ten verdicts", verdicts.size === 10, [...verdicts.keys()])
  for (const model of truth.must_reject) {
    expect(`${model} is inferior`, verdicts.get(model) === "inferior", verdicts.get(model))
  }
  const claimed = [...verdicts].filter(([, verdict]) => verdict === "parity").map(([model]) => model)
  expect(
    "no parity outside the parity list",
    claimed.every((model) => truth.parity.includes(model)),
    claimed
  )
  expect("replay exits 3: some setup is inferior", replayed.status === 3, replayed.status)

  const climbed = understudy("climb", "suites/gsm.suite.ts")
  const climb = climbed.doc as RunResult
  const named = climb.decision?.setup?.model
  const cheapest = climb.standings.find(({ setup }) => setup.model === truth.cheapest_at_parity)?.verdict
  expect(
    `climb names ${truth.cheapest_at_parity}, or a dearer one of the parity list where that is inconclusive`,
    named === truth.cheapest_at_parity ||
      (cheapest === "inconclusive" && named !== undefined && truth.parity.includes(named)),
    { named, cheapest, reason: climb.decision?.reason }
  )
  console.log(`     climb: ${climb.decision?.verdict} ${named ?? ""}, cost x${climb.decision?.costRatio}`)
  expect("the climb pays for no answer that the replay bought", climb.spend.calls === 0, climb.spend)

  const stats = (await fetch(`${url}/__stats`).then((r) => r.json())) as Record<string, number>
  console.log(`     fleet /__stats: ${JSON.stringify(stats)}`)
  expect(
    "answered calls of the fleet = calls paid for",
    stats["status_200"] === replay.spend.calls + climb.spend.calls,
    { answered: stats["status_200"], paid: replay.spend.calls + climb.spend.calls }
  )
} finally {
  server?.kill()
  rmSync(work, { recursive: true, force: true })
}
console.log(failures.length === 0 ? "verify:recorded: all hold" : `verify:recorded: ${failures.length} do not hold`)
process.exit(failures.length === 0 ? 0 : 1)
