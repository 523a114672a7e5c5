/**
 * Climbs on recorded answers of real models over real HTTP: grade-school maths (gsm), code prediction (crux), both with routing, and Svelte components
 * (9 prompts). Prints what each climb decided, what it cost against the incumbent and what it spent against replaying everything, and holds it to the
 * right answers that come with the recordings. `--seeds N`: how often the routed climb is repeated (default 20).
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
const recorder = join(recordings, "recorded_fleet.py")
const asked = process.argv.indexOf("--seeds")
const seeds = asked === -1 ? 20 : Number(process.argv[asked + 1])

interface Truth {
  readonly scenarios: Readonly<
    Record<
      string,
      {
        readonly rows?: ReadonlyArray<{ readonly model: string }>
        readonly answer_at_margin?: Readonly<
          Record<
            string,
            {
              readonly cheapest_at_parity: string | null
              readonly parity: ReadonlyArray<string>
              readonly must_reject: ReadonlyArray<string>
            }
          >
        >
      }
    >
  >
}

if (!existsSync(recorder)) {
  console.log(`skipped: the recordings are not at ${recordings} (set UNDERSTUDY_RECORDINGS to their folder)`)
  process.exit(0)
}
const truth = (JSON.parse(readFileSync(join(recordings, "TRUTH_dev.json"), "utf8")) as Truth).scenarios

let broken = 0
const expect = (what: string, holds: boolean, seen: unknown) => {
  console.log(`${holds ? "ok  " : "FAIL"} ${what}${holds ? "" : `: ${JSON.stringify(seen)}`}`)
  if (!holds) broken++
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
    const fine = await fetch(`${url}/healthz`).then(
      (reply) => reply.ok,
      () => false
    )
    if (fine) return
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error(`the recorded fleet does not answer at ${url}`)
}

const work = mkdtempSync(join(tmpdir(), "understudy-climbs-"))
const servers: Array<ChildProcess> = []
const python = (...args: ReadonlyArray<string>) => {
  const { status, stderr } = spawnSync("python3", [recorder, ...args], { cwd: work, encoding: "utf8" })
  if (status !== 0) throw new Error(`recorded_fleet.py ${args[0]}: ${stderr}`)
}
const serve = async (file: string) => {
  const port = await freePort()
  servers.push(spawn("python3", [recorder, "serve", file, "--port", String(port)], { stdio: "ignore" }))
  const url = `http://127.0.0.1:${port}`
  await healthy(url)
  return url
}
const understudy = (...args: ReadonlyArray<string>) => {
  const { stderr, stdout } = spawnSync(process.execPath, [join(root, "bin/understudy.js"), ...args, "--json"], {
    cwd: work,
    encoding: "utf8",
    maxBuffer: 2 ** 28
  })
  if (stdout.trim() === "") throw new Error(`understudy ${args.join(" ")} printed nothing: ${stderr}`)
  const doc = JSON.parse(stdout)
  if (doc.error !== undefined) throw new Error(`understudy ${args.join(" ")}: ${JSON.stringify(doc.error)}`)
  return doc
}

/** A suite of all other recorded models against the original. */
const suite = (name: string, url: string, original: string, models: ReadonlyArray<string>, rest: string) =>
  writeFileSync(
    join(work, "suites", `${name}.suite.ts`),
    `import { defineSuite } from "@understudy/harness"

export default defineSuite({
  name: ${JSON.stringify(name)},
  incumbent: { provider: "recorded", model: ${JSON.stringify(original)} },
  providers: { recorded: { kind: "openai", baseURL: "${url}/v1", prices: "../prices.json" } },
  setups: [{ provider: "recorded", models: ${JSON.stringify(models)} }],
  parity: { margin: 0.05, alpha: 0.05 },
  ${rest}
})
`
  )

/** What a climb of a suite in a home of its own decided, and its spend against all setups on all cases, the noise floor in. */
const climb = (name: string, home: string, archive: string, file: string) => {
  understudy("import", file, "--name", archive, "--home", home)
  const result = understudy("climb", `suites/${name}.suite.ts`, "--home", home) as RunResult
  const all = understudy("replay", `suites/${name}.suite.ts`, "--home", home) as RunResult
  const whole = Number(result.spend.usd) + Number(all.spend.usd)
  return { result, share: Number(result.spend.usd) / whole, replay: all }
}
const lines = (result: RunResult, share: number) => {
  const { decision } = result
  const policy = decision?.policy.map(({ setup, slice }) => `${slice} -> ${setup?.label ?? "incumbent"}`).join("; ")
  console.log(
    `     ${decision?.verdict}: ${policy}; cost x${decision?.costRatio?.toFixed(3)}; spent ${(100 * share).toFixed(0)} % of the exhaustive replay`
  )
}

try {
  mkdirSync(join(work, "suites"))
  copyFileSync(join(recordings, "prices.json"), join(work, "prices.json"))
  const zero = join(recordings, "zeroeval_dev.jsonl.gz")
  const original = "gpt-4o-2024-08-06"
  const candidates = (scenario: string, but: string) =>
    (truth[scenario]?.rows ?? []).map(({ model }) => model).filter((model) => model !== but)
  const models = candidates("dev/zeroeval-gsm", original)
  python("references", zero, "--out", "references.jsonl")
  const references = `references: { path: "../references.jsonl", key: "label:item_id" }`
  const number = `{ use: "numeric", options: { field: "answer" } }`
  const text = `{ use: "exact", extract: { path: "answer" } }`
  const url = await serve(zero)
  for (const [name, group, grader] of process.env["ONLY"]
    ? []
    : ([
        ["gsm", "math-word-problem-json", number],
        ["crux", "code-output-prediction-json", text]
      ] as const)) {
    python("export", zero, "--model", original, "--group", group, "--format", "litellm", "--out", `${name}.jsonl`)
    suite(name, url, original, models, `archive: { name: "${name}" }, cases: { ${references} }, graders: [${grader}]`)
    const { result, share } = climb(name, `home-${name}`, name, `${name}.jsonl`)
    lines(result, share)
    const right = truth[`dev/zeroeval-${name}`]!.answer_at_margin!["5"]!
    const named = result.decision?.setup?.model ?? null
    expect(
      `${name}: names ${right.cheapest_at_parity ?? "none"}, or a dearer one of the parity list`,
      named === right.cheapest_at_parity || (named !== null && right.parity.includes(named)),
      { named, reason: result.decision?.reason }
    )
  }

  python("export", zero, "--model", original, "--format", "litellm", "--out", "both.jsonl")
  const right = truth["dev/zeroeval-gsm"]!.answer_at_margin!["5"]!
  let held = 0
  for (let seed = 1; seed <= seeds; seed++) {
    suite(
      `both-${seed}`,
      url,
      original,
      models,
      `archive: { name: "both" },
  cases: { ${references}, slice: (call) => String(call.labels.item_id).split("/")[1] ?? "", sample: { size: 900, seed: ${seed} } },
  graders: [{ use: "bySlice", options: { slices: { gsm: ${number}, crux: ${text} } } }]`
    )
    const { result, share } = climb(`both-${seed}`, `home-${seed}`, "both", "both.jsonl")
    const policy = new Map(result.decision?.policy.map(({ setup, slice }) => [slice, setup?.model ?? null]))
    const ratio = result.decision?.costRatio ?? 1
    const gsm = policy.get("gsm") ?? null
    const fine =
      result.decision?.verdict === "parity" &&
      policy.get("crux") === null &&
      gsm !== null &&
      !right.must_reject.includes(gsm) &&
      ratio >= 0.57 &&
      ratio <= 0.63
    if (fine) held++
    console.log(`seed ${seed}: ${fine ? "right" : "not right"}`)
    lines(result, share)
    if (!fine) console.log(`     ${result.decision?.reason.slice(0, 600)}`)
  }
  expect(`gsm and crux routed: right in at least 3 of 4 seeds (${held} of ${seeds})`, held >= 0.75 * seeds, held)

  const svelte = join(recordings, "svelte_dev.jsonl.gz")
  python("export", svelte, "--model", "claude-opus-4.5", "--format", "litellm", "--out", "svelte.jsonl")
  python("outcomes", svelte, "--out", "outcomes.jsonl")
  writeFileSync(
    join(work, "suites", "tests.ts"),
    `import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { defineGrader } from "@understudy/harness"

const rows = readFileSync(new URL("../outcomes.jsonl", import.meta.url), "utf8").trim().split("\\n").map((line) => JSON.parse(line))
const passed = new Map(rows.map((row) => [row.sha256, row.pass]))

export default defineGrader({
  id: "tests",
  kind: "outcome",
  grade: ({ output }) => {
    const pass = passed.get(createHash("sha256").update(output.text).digest("hex"))
    return pass === undefined ? { score: null, why: "this answer was not tested" } : { score: pass, why: "as its unit tests said" }
  }
})
`
  )
  suite(
    "svelte",
    await serve(svelte),
    "claude-opus-4.5",
    candidates("dev/svelte", "claude-opus-4.5"),
    `archive: { name: "svelte" }, graders: [{ use: "./tests.ts" }]`
  )
  const { replay, result, share } = climb("svelte", "home-svelte", "svelte", "svelte.jsonl")
  lines(result, share)
  for (const { difference, reason, setup, verdict } of result.standings)
    console.log(
      `     ${setup.model.padEnd(26)} ${verdict.padEnd(12)} ${(100 * difference.estimate).toFixed(1)}: ${reason.slice(0, 120)}`
    )
  expect(
    "svelte: no parity is claimed, by the climb or by a replay",
    result.decision?.verdict !== "parity" &&
      [...result.standings, ...replay.standings].every(({ verdict }) => verdict !== "parity"),
    result.decision
  )
  const inferior = new Set(
    replay.standings.flatMap(({ setup, verdict }) => (verdict === "inferior" ? [setup.model] : []))
  )
  for (const model of ["ministral-8b-2512", "gpt-5-nano", "glm-4.7-flash"])
    expect(`svelte: ${model} is inferior`, inferior.has(model), [...inferior])
} finally {
  for (const server of servers) server.kill()
  rmSync(work, { recursive: true, force: true })
}
console.log(broken === 0 ? "verify:climb: all hold" : `verify:climb: ${broken} do not hold`)
process.exit(broken === 0 ? 0 : 1)
