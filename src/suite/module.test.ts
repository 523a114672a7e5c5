import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { writtenFolder } from "../testing/written.ts"

const minimal = {
  name: "desk",
  archive: { name: "support-desk" },
  setups: [{ provider: "openai", models: ["small"] }],
  graders: [{ use: "exact" }]
}
/** Milliseconds that starting Node may take on a busy machine. */
const patience = 120_000

describe("in a Node process of its own", () => {
  /** Loads suites with the real resolve hook and type stripping, without the test runner's own. */
  const script = `
    import * as Effect from "effect/Effect"
    import * as Schema from "effect/Schema"
    import { checks } from "./src/checks/registry.ts"
    import { graders } from "./src/graders/registry.ts"
    import { loadSuite } from "./src/suite/load.ts"
    const registries = { graders, checks, providers: [{ id: "openai" }], importers: [], strategies: [{ id: "s", options: Schema.Struct({}) }] }
    const got = await Effect.runPromise(Effect.result(loadSuite(process.argv[1], { registries, cwd: "/" })))
    console.log(got._tag === "Success" ? JSON.stringify(got.success.graders.map(({ id }) => id)) : got.failure.message)
  `
  const said = (suite: string) =>
    Effect.promise(() =>
      promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script, suite], {
        cwd: join(import.meta.dirname, "../..")
      })
    )
  const run = (suite: string) => Effect.map(said(suite), ({ stdout }) => stdout.trim())

  it.live(
    "reads a suite and its grader, which import this package, whatever the package.json above them says",
    () =>
      Effect.gen(function* () {
        const root = yield* writtenFolder({
          "a b/package.json": '{ "type": "commonjs" }',
          "a b/x.suite.ts": `
          import { defineSuite } from "@understudy/harness"
          import { margin } from "./margin.ts"
          const name: string = "desk"
          export default defineSuite({ ...${JSON.stringify(minimal)}, name, parity: { margin }, graders: [{ use: "exact" }, { use: "./g.ts" }] })`,
          "a b/margin.ts": "export const margin: number = 0.02",
          "a b/g.ts": `
          import { defineGrader } from "@understudy/harness"
          export default defineGrader({ id: "mine", kind: "outcome", grade: async ({ output }) => (output.text === "" ? 0 : 1) })`
        })
        assert.strictEqual(yield* run(join(root, "a b/x.suite.ts")), '["exact","mine"]')
      }),
    patience
  )

  it.live(
    "reads a suite and its grader in JavaScript as what is written in them, whatever the package.json above them says",
    () =>
      Effect.gen(function* () {
        const graded = JSON.stringify({ ...minimal, graders: [{ use: "./g.js" }] })
        const grader = '{ id: "mine", kind: "outcome", grade: () => 1 }'
        const root = yield* writtenFolder({
          "package.json": '{ "type": "commonjs" }',
          "x.suite.js": `import { defineSuite } from "@understudy/harness"\nexport default defineSuite(${graded})`,
          "g.js": `export default ${grader}`,
          "old/x.suite.js": `module.exports = ${graded}`,
          "old/g.js": `module.exports = ${grader}`
        })
        for (const suite of ["x.suite.js", "old/x.suite.js"]) {
          assert.strictEqual(yield* run(join(root, suite)), '["mine"]', suite)
        }
      }),
    patience
  )

  it.live(
    "reads a suite that lies under node_modules with its types, and nothing is remarked on stderr",
    () =>
      Effect.gen(function* () {
        const root = yield* writtenFolder({
          "node_modules/pack/x.suite.ts": `
          import { defineSuite } from "@understudy/harness"
          import { margin } from "./margin.ts"
          const name: string = "desk"
          export default defineSuite({ ...${JSON.stringify(minimal)}, name, parity: { margin } })`,
          "node_modules/pack/margin.ts": "export const margin: number = 0.02"
        })
        const { stderr, stdout } = yield* said(join(root, "node_modules/pack/x.suite.ts"))
        assert.deepStrictEqual([stdout.trim(), stderr], ['["exact"]', ""])
      }),
    patience
  )

  it.live(
    "names the line of a syntax error, in the suite or in what it imports, and shows nothing of the text",
    () =>
      Effect.gen(function* () {
        const broken = 'export default {\n  name: "x",\n  apiKey: "sk-ant-0123456789abcdef"\n  setups: []\n}\n'
        const root = yield* writtenFolder({
          "a b/package.json": '{ "type": "commonjs" }',
          "a b/x.suite.ts": broken,
          "a b/y.suite.ts": 'import x from "./x.suite.ts"\nexport default x'
        })
        for (const name of ["x", "y"]) {
          const message = yield* run(join(root, `a b/${name}.suite.ts`))
          assert.strictEqual(
            message,
            `${join(root, "a b/x.suite.ts")}:4: It is not valid TypeScript: Expected ',', got 'ident'`
          )
        }
      }),
    patience
  )
})
