/**
 * Replay beside promptfoo, each as its users run it, in a process of its own, start-up in it: as many cases with one equality assertion, through
 * the same fleet at zero latency, both at concurrency 64. `npm run bench:promptfoo -- FOLDER [CASES]`, default 5000; FOLDER is where
 * `npm install promptfoo` was run. promptfoo's cache, telemetry and update check are off; it writes its database, as ours writes its journal. Node's
 * compile cache is on for both, as our launcher has it. What promptfoo printed goes to docs/perf/promptfoo-VERSION.txt.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { stripVTControlCharacters } from "node:util"

import { promptOf, writeArchive } from "./archive.ts"
import { type Taken, takenIn, telling } from "./telling.ts"

const [folder = "", given = "5000"] = process.argv.slice(2)
const cases = Number(given)
const concurrency = 64
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const work = mkdtempSync(join(tmpdir(), "understudy-bench-"))
const main = here("../../dist/main.js")
const raw = here("../../docs/perf")

const run = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}, codes = [0]) => {
  const all = { ...process.env, NODE_COMPILE_CACHE: join(work, "compiled"), ...env }
  const ended = spawnSync(process.execPath, ["--import", telling, ...args], { cwd: work, env: all, encoding: "utf8" })
  if (!codes.includes(ended.status ?? -1)) throw new Error(`${args.join(" ")}: ${ended.stderr}\n${ended.stdout}`)
  return { ...takenIn(ended.stderr), stdout: ended.stdout, stderr: ended.stderr }
}

const ours = (url: string): Taken => {
  writeArchive(join(work, "calls.jsonl"), cases)
  const suite = {
    name: "bench",
    archive: { name: "bench" },
    noiseFloor: "skip",
    graders: [{ use: "exact" }],
    incumbent: { provider: "fleet", model: "premium" },
    providers: {
      fleet: {
        ...{ kind: "openai", baseURL: url, concurrency },
        prices: { "sim-echo": { input: 0.1, output: 0.4 }, premium: { input: 1, output: 4 } }
      }
    },
    setups: [{ provider: "fleet", models: "sim-echo" }]
  }
  writeFileSync(join(work, "bench.suite.ts"), `export default ${JSON.stringify(suite)}\n`)
  run([main, "import", "calls.jsonl", "--name", "bench"])
  // Compared with its own archived answers and without a floor, the verdict is inconclusive: exit 4.
  const { stderr: _told, stdout, ...taken } = run([main, "replay", "bench.suite.ts", "--json"], {}, [0, 4])
  const { standings } = JSON.parse(stdout) as { readonly standings: ReadonlyArray<{ readonly paired: number }> }
  if (standings[0]?.paired !== cases) throw new Error(`ours answered ${standings[0]?.paired} of ${cases}`)
  return taken
}

/** What promptfoo printed, without colours and paths of this machine. */
const rawText = (version: string, printed: string, stats: object): string => {
  const lines = stripVTControlCharacters(printed)
    .replaceAll(work, "WORK")
    .replaceAll(resolve(folder), "FOLDER")
    .split("\n")
    .map((line) => line.trimEnd())
  return [
    `promptfoo ${version}, ${cases} cases, one equals assertion, -j ${concurrency}, Node ${process.version}`,
    ...lines.filter((line, at) => line !== "" || lines[at - 1] !== ""),
    `stats of its results file: ${JSON.stringify(stats)}`,
    ""
  ].join("\n")
}

const theirs = (url: string, version: string): Taken => {
  const provider = { id: "openai:chat:sim-echo", config: { apiBaseUrl: url, apiKey: "none", max_tokens: 16 } }
  const tests = Array.from({ length: cases }, (_, i) => ({
    vars: { question: promptOf(i) },
    assert: [{ type: "equals", value: "ok" }]
  }))
  const config = { prompts: ["{{question}}"], providers: [provider], tests }
  writeFileSync(join(work, "promptfooconfig.json"), JSON.stringify(config))
  const out = join(work, "theirs.json")
  const flags = ["--no-cache", "--no-progress-bar", "--no-table", "-j", String(concurrency), "-o", out]
  const bin = join(resolve(folder), "node_modules/promptfoo/dist/src/entrypoint.js")
  run([bin, "--version"])
  const { stderr, stdout, ...taken } = run([bin, "eval", "-c", "promptfooconfig.json", ...flags], {
    PROMPTFOO_DISABLE_TELEMETRY: "1",
    PROMPTFOO_DISABLE_UPDATE: "1",
    PROMPTFOO_CONFIG_DIR: join(work, "promptfoo")
  })
  const { results } = JSON.parse(readFileSync(out, "utf8")) as {
    readonly results: { readonly stats: { readonly successes: number } & object }
  }
  mkdirSync(raw, { recursive: true })
  writeFileSync(join(raw, `promptfoo-${version}.txt`), rawText(version, `${stdout}\n${stderr}`, results.stats))
  if (results.stats.successes !== cases) throw new Error(`promptfoo answered ${results.stats.successes} of ${cases}`)
  return taken
}

let server: ChildProcess | undefined
try {
  const { version } = JSON.parse(
    readFileSync(join(resolve(folder), "node_modules/promptfoo/package.json"), "utf8")
  ) as { readonly version: string }
  server = spawn(process.execPath, [here("server.ts")], { stdio: ["ignore", "pipe", "inherit"] })
  const url = await new Promise<string>((done) => server?.stdout?.once("data", (line) => done(String(line).trim())))
  const [a, b] = [ours(url), theirs(url, version)]
  console.log(`${cases} cases, one equality assertion, concurrency ${concurrency}, Node ${process.version}`)
  console.log(`${"".padEnd(24)} cases/s  CPU ms/case  peak MB  seconds`)
  for (const [name, { cpuSeconds, peakMb, seconds }] of [
    ["understudy replay", a],
    [`promptfoo ${version}`, b]
  ] as const) {
    const cells = [(cases / seconds).toFixed(0), ((1000 * cpuSeconds) / cases).toFixed(2), peakMb.toFixed(0)]
    console.log(
      `${name.padEnd(24)} ${cells[0]!.padStart(7)} ${cells[1]!.padStart(12)} ${cells[2]!.padStart(8)} ${seconds.toFixed(1).padStart(8)}`
    )
  }
  console.log(`throughput, ours over promptfoo's:   ${(b.seconds / a.seconds).toFixed(1)} x`)
  console.log(`CPU a case, promptfoo's over ours:   ${(b.cpuSeconds / a.cpuSeconds).toFixed(1)} x`)
  console.log(`peak memory, ours over promptfoo's:  ${(a.peakMb / b.peakMb).toFixed(2)} x`)
} finally {
  server?.kill()
  rmSync(work, { recursive: true, force: true })
}
