import { execFile, execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"

import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"

import { pack, plainEnvironment } from "./pack.ts"

const root = resolve(import.meta.dirname, "..")
/** Milliseconds: a build, an installation from the registry and the demonstration, on a busy machine. */
const patience = 600_000

const work = mkdtempSync(join(tmpdir(), "understudy-pack-"))
const project = join(work, "elsewhere")
const installed = join(project, "node_modules/@understudy/harness")

interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}
const run = (file: string, args: ReadonlyArray<string>): Promise<Said> =>
  new Promise((done) => {
    const options = { cwd: project, env: plainEnvironment(), maxBuffer: 1e8 }
    execFile(file, [...args], options, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : typeof error.code === "number" ? error.code : 1, stdout, stderr })
    )
  })
const understudy = (...args: ReadonlyArray<string>) => run(join(project, "node_modules/.bin/understudy"), args)
const write = async (name: string, text: string) => {
  await mkdir(dirname(join(project, name)), { recursive: true })
  await writeFile(join(project, name), text)
}

/** A suite with a grader of its own, as a user writes them. */
const suite = `import { defineSuite } from "@understudy/harness"

export default defineSuite({
  name: "desk",
  archive: { name: "nowhere" },
  cases: { slice: (call) => call.labels["task"] ?? "other" },
  setups: [{ provider: "openai", models: ["small", "medium"], repairs: [0, 2] }],
  checks: [{ use: "jsonSchema" }, { use: "./checks/isShort.ts" }],
  graders: [{ use: "numeric", options: { tolerance: 0.01 } }, { use: "./graders/amount.ts", options: { tolerance: 0.01 } }]
})
`
const grader = `import { defineGrader } from "@understudy/harness"

export default defineGrader<{ readonly tolerance: number }>({
  id: "amount",
  kind: "agreement",
  grade: async ({ original, output }, { tolerance }) =>
    Math.abs(Number(original.text) - Number(output.text)) <= tolerance ? 1 : { score: 0, why: "another amount" }
})
`
const check = `import { defineCheck } from "@understudy/harness"

export default defineCheck({ id: "isShort", check: ({ output }) => output.text.length < 1000 })
`

describe("the packed package, installed in an empty folder elsewhere", () => {
  beforeAll(async () => {
    await mkdir(project, { recursive: true })
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error", pack(work)], {
      cwd: project,
      env: plainEnvironment(),
      stdio: ["ignore", "ignore", "inherit"]
    })
    await write("suites/desk.suite.ts", suite)
    await write("suites/graders/amount.ts", grader)
    await write("suites/checks/isShort.ts", check)
  }, patience)
  afterAll(() => rmSync(work, { recursive: true, force: true }))

  it("brings no Node of its own, and none of the packages that it was built with", () => {
    const names = readdirSync(join(project, "node_modules")).flatMap((name) =>
      name.startsWith("@") ? readdirSync(join(project, "node_modules", name)).map((one) => `${name}/${one}`) : [name]
    )
    assert.includeMembers(names, ["@understudy/harness", "@duckdb/node-api", "effect"])
    const built = ["openai", "@anthropic-ai/sdk", "ollama", "vega", "undici", "@effect/platform-node", "fit-node"]
    assert.deepStrictEqual(
      names.filter((name) => built.includes(name) || /^node-(bin|darwin|linux|win)/.test(name)),
      []
    )
    assert.isFalse(existsSync(join(project, "node_modules/.bin/node")))
  })

  it("shows its help, and loads neither an SDK nor the database nor the charts for it", async () => {
    const { code, stderr, stdout } = await understudy("--help")
    assert.deepStrictEqual([code, stderr], [0, ""])
    for (const command of ["import", "replay", "climb", "report", "demo", "doctor"]) assert.include(stdout, command)

    const loaded = new Set<string>()
    const load = (name: string): void => {
      if (loaded.has(name)) return
      loaded.add(name)
      const text = readFileSync(join(installed, "dist", name), "utf8")
      for (const [, next] of text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g)) load(next!)
    }
    load("main.js")
    const textOf = (names: Iterable<string>) =>
      [...names].map((name) => readFileSync(join(installed, "dist", name), "utf8")).join("\n")
    const all = textOf(readdirSync(join(installed, "dist")).filter((name) => name.endsWith(".js")))
    const first = textOf(loaded)
    for (const word of ["api.openai.com", "api.anthropic.com", "DuckDBInstance", "scenegraph"]) {
      assert.include(all, word)
      assert.notInclude(first, word)
    }
    assert.isAbove(loaded.size, 1)
  })

  it(
    "runs the demonstration, with its suite and grader that lie under node_modules",
    async () => {
      const { code, stderr, stdout } = await understudy("demo")
      assert.strictEqual(code, 0, stderr)
      assert.include(stdout, "simulated")
      assert.notMatch(stderr, /warning/i)
      for (const name of ["report.html", "report.md", "report.json"]) {
        assert.isTrue(existsSync(join(project, "reports/demo", name)), name)
      }
    },
    patience
  )

  it("loads a suite with a grader and a check of one's own, far enough to say that the archive is not there", async () => {
    const { code, stderr, stdout } = await understudy("replay", "suites/desk.suite.ts", "--json")
    assert.deepStrictEqual([code, stderr], [2, ""])
    const { error } = JSON.parse(stdout) as { readonly error: { readonly kind: string; readonly message: string } }
    assert.strictEqual(error.kind, "input")
    assert.include(error.message, "nowhere")
  })

  it(
    "gives its suites types that the strictest compiler accepts, of the package's own files too",
    async () => {
      const options = {
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        noEmit: true,
        skipLibCheck: false,
        module: "nodenext",
        target: "es2024",
        lib: ["esnext", "dom"],
        types: []
      }
      writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ include: ["suites"], compilerOptions: options }))
      const tsc = () => run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", project])
      assert.deepStrictEqual(await tsc(), { code: 0, stdout: "", stderr: "" })

      await write("suites/wrong.suite.ts", suite.replace('"jsonSchema"', '"jsonScheme"'))
      const { code, stdout } = await tsc()
      rmSync(join(project, "suites/wrong.suite.ts"))
      assert.notStrictEqual(code, 0)
      assert.include(stdout, "jsonScheme")
    },
    patience
  )
})
