import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { RunResult } from "../domain/RunResult.ts"
import { serve } from "../standin/Fleet.ts"
import { type Desk, filesBelow, fillDesk, liteLlmLines, makeDesk, saying, sayings, suiteText } from "../testing/desk.ts"

const patience = 180_000

/** A command line that cannot work, and what its one document must say. */
interface Bad {
  readonly args: ReadonlyArray<string>
  readonly says: RegExp
  readonly kind?: "usage" | "input"
  readonly file?: RegExp
  readonly line?: number
}

/** Exit 2, one document with a sentence, and the home as it was, byte for byte. So many at a time: imports into one archive go one by one. */
const refused = (desk: Desk, all: ReadonlyArray<Bad>, atOnce = 4) =>
  Effect.gen(function* () {
    const before = filesBelow(desk.home)
    yield* Effect.forEach(
      all,
      ({ args, file, kind = "input", line, says }) =>
        Effect.gen(function* () {
          const what = args.join(" ")
          const { code, json, stderr, stdout } = yield* desk.run([...args, "--json"])
          assert.strictEqual(code, 2, `${what}: ${stdout}${stderr}`)
          const { error } = json as { error: { kind: string; message: string; file?: string; line?: number } }
          assert.strictEqual(error.kind, kind, what)
          assert.match(error.message, says, what)
          if (file !== undefined) assert.match(error.file ?? "", file, what)
          if (line !== undefined) assert.strictEqual(error.line, line, what)
          assert.strictEqual(stderr.trim(), "", what)
        }),
      { concurrency: atOnce, discard: true }
    )
    assert.deepStrictEqual(filesBelow(desk.home), before)
  })

describe("bad input", { concurrent: true }, () => {
  it.live(
    "files that cannot be imported and names that are not there: a sentence with the place, nothing written",
    () =>
      Effect.gen(function* () {
        const desk = yield* makeDesk
        const lines = liteLlmLines(12)
        const packed = gzipSync(lines)
        yield* desk.write("empty.jsonl", "")
        yield* desk.write("cut.jsonl.gz", packed.subarray(0, packed.length - 60))
        yield* desk.write("binary.jsonl", Buffer.from([1, 2, 0, 3, 250, 251]))
        yield* desk.write("other.jsonl", '{"hello":"world"}\n')
        yield* desk.write("prose.jsonl", "Dear diary,\n")
        yield* desk.write("calls.jsonl", lines)
        mkdirSync(join(desk.folder, "nothing"))

        // In a home that is not there yet no archive appears.
        for (const file of ["empty.jsonl", "cut.jsonl.gz"])
          assert.strictEqual((yield* desk.run(["import", file])).code, 2)
        assert.deepStrictEqual(
          Object.keys(filesBelow(desk.home)).filter((name) => name.startsWith("archive/")),
          []
        )
        assert.match((yield* desk.run(["archive"])).stderr, /there is no archive here yet\n {2}Import one/)
        yield* fillDesk(desk, 12)

        const into = ["--name", "desk"]
        yield* refused(
          desk,
          [
            { args: ["import", "not-there.jsonl", ...into], says: /no such file/, file: /not-there\.jsonl$/ },
            {
              args: ["import", "calls.jsonl", "empty.jsonl", "--name", "new"],
              says: /the file is empty/,
              file: /empty/
            },
            {
              args: ["import", "cut.jsonl.gz", ...into],
              says: /cut off .*nothing was imported/,
              file: /cut\.jsonl\.gz$/
            },
            { args: ["import", "binary.jsonl", ...into], says: /a binary file/, line: 1 },
            { args: ["import", "other.jsonl", ...into], says: /./, file: /other\.jsonl$/ },
            { args: ["import", "prose.jsonl", ...into], says: /in no format that is known/, file: /prose\.jsonl$/ },
            { args: ["import", "nothing", ...into], says: /no file here that could be an export/ },
            { args: ["import", "calls.jsonl", "--format", "nonsense"], says: /no format "nonsense"/, kind: "usage" },
            { args: ["import", "calls.jsonl", "--name", "../out"], says: /cannot be the name of an archive/ },
            { args: ["archive", "delete", "not-there"], says: /there is no archive "not-there"/ },
            { args: ["show", "20260101T000000-abcd", "abc"], says: /there is no run "20260101T000000-abcd"/ },
            { args: ["report", "latest"], says: /no run is finished yet/ },
            { args: ["report", "../archive"], says: /there is no run/ },
            { args: ["init", "../out", "--archive", "desk"], says: /cannot be the name of a suite/, kind: "usage" },
            { args: ["init", "a", "--archive", "not-there"], says: /there is no archive "not-there"/ }
          ],
          1
        )
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "words that are no command line: usage, on stderr for people, as one document with --json",
    () =>
      Effect.gen(function* () {
        const desk = yield* makeDesk
        yield* fillDesk(desk, 12)
        yield* desk.write("desk.suite.ts", suiteText("http://127.0.0.1:9/v1"))
        const usage = (args: ReadonlyArray<string>, says: RegExp): Bad => ({ args, says, kind: "usage" })
        const replay = ["replay", "desk.suite.ts"]
        yield* refused(desk, [
          usage(["frobnicate"], /Unknown subcommand "frobnicate"/),
          usage(["import"], /Missing required argument: path/),
          usage(["show"], /Missing required argument: run/),
          usage(["archive", "delete"], /Missing required argument: name/),
          usage(["doctor", "surplus"], /Unexpected positional argument: "surplus"/),
          usage([...replay, "--nope"], /Unrecognized flag: --nope/),
          usage([...replay, "--limit", "1.5"], /--limit/),
          usage([...replay, "--limit", "-3"], /--limit: "-3"\. Expected: 1 or more cases/),
          usage([...replay, "--inconclusive", "maybe"], /"pass" \| "fail"/),
          usage([...replay, "--budget", "-1"], /--budget "-1" is not an amount of dollars/),
          usage([...replay, "--budget", ""], /--budget "" is not an amount of dollars/),
          usage([...replay, "--budget", "1e999999999"], /is not an amount of dollars/),
          usage([...replay, "--setup", "huge", "--setup", "small"], /no setup of the suite fits --setup huge/),
          usage([...replay, "--case", "zzz"], /--case zzz fits none of the suite's 12 cases/),
          usage([...replay, "--slice", "all", "--slice", "nope"], /--slice nope fits none of the suite's 12 cases/)
        ])
        for (const [flags, mend] of [
          [["--setup", "huge"], /\n {2}Setups: fleet\/small\.$/m],
          [["--slice", "nope"], /\n {2}Slices: all\.$/m],
          [["--case", "zzz"], /\n {2}Cases are, for example, [0-9a-f]{32}, /m]
        ] as const) {
          assert.match((yield* desk.run([...replay, ...flags])).stderr, mend)
        }
        const { code, stderr, stdout } = yield* desk.run(["frobnicate"])
        assert.deepStrictEqual([code, stdout], [2, ""])
        assert.match(stderr, /Unknown subcommand "frobnicate" for "understudy"\nSee understudy --help\n$/)
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "a suite that is wrong: every fault with its path in the file, before anything is asked or written",
    () =>
      Effect.gen(function* () {
        const fleet = yield* serve({ profiles: sayings })
        const desk = yield* makeDesk
        yield* fillDesk(desk, 12)
        const url = fleet.openaiURL
        const wrong = Effect.fnUntraced(function* (name: string, text: string, bad: Omit<Bad, "args">) {
          yield* desk.write(`${name}.suite.ts`, text)
          return { args: [name === "grader" ? "climb" : "replay", `${name}.suite.ts`], file: /\.suite\.ts$/, ...bad }
        })
        yield* desk.write("strange.jsonl", '{"key":"another","expected":"ok"}\n')
        const sliced = (slice: string) =>
          `${suiteText(url).replace("export default", "const suite =")}export default { ...suite, cases: { slice: ${slice} } }`
        const references = (key: string, path = "references.jsonl") => ({ cases: { references: { path, key } } })
        yield* refused(desk, [
          { args: ["replay", "not-there.suite.ts"], says: /no such file/i, file: /not-there\.suite\.ts$/ },
          yield* wrong("syntax", "export default {\n  name: ,\n}\n", { says: /not valid TypeScript/, line: 2 }),
          yield* wrong("bare", "export const suite = {}\n", { says: /no default export/ }),
          yield* wrong("key", suiteText(url, { grader: [] }), { says: /grader: unknown key/ }),
          yield* wrong("grader", suiteText(url, { graders: [{ use: "exactly" }] }), {
            says: /graders\[0\]\.use.*exactly/s
          }),
          yield* wrong("provider", suiteText(url, { setups: [{ provider: "nobody", models: "x" }] }), {
            says: /setups\[0\]\.provider.*nobody/s
          }),
          yield* wrong("margin", suiteText(url, { parity: { margin: -0.05 } }), { says: /parity\.margin.*-0\.05/s }),
          yield* wrong("several", suiteText(url, { parity: { margin: 2 }, climb: { strategy: "luck" } }), {
            says: /2 faults in this suite:.*parity\.margin.*climb\.strategy|2 faults.*climb\.strategy.*parity\.margin/s
          }),
          yield* wrong("archive", suiteText(url, { archive: { name: "nowhere" } }), {
            says: /there is no archive "nowhere"/,
            file: /^$/
          }),
          yield* wrong("paths", suiteText(url, { archive: { paths: ["nope-*.jsonl"] } }), { says: /no file fits/ }),
          yield* wrong("reference", suiteText(url, references("label:item", "gone.jsonl")), {
            says: /cases\.references\.path: there is no such file/
          }),
          yield* wrong("labels", suiteText(url, references("label:nothing")), {
            says: /of its 12 reference answers none fits a case by label:nothing/,
            file: /references\.jsonl$/
          }),
          yield* wrong("answers", suiteText(url, references("label:item", "strange.jsonl")), {
            says: /of its 1 reference answer none fits a case/,
            file: /strange\.jsonl$/
          }),
          yield* wrong("slice", suiteText(url, { cases: { slice: "label:tsak" } }), {
            says: /cases\.slice: none of the 12 cases has the label "tsak"/
          }),
          yield* wrong("cluster", suiteText(url, { cases: { cluster: "label:thraed" } }), {
            says: /cases\.cluster: none of the 12 cases has the label "thraed"/
          }),
          yield* wrong("throwing", sliced("(call) => call.labels.none.length"), {
            says: /cases\.slice throws TypeError: .* for call \w/
          }),
          yield* wrong("promise", sliced("async () => 'a'"), { says: /cases\.slice gives a promise for call/ }),
          yield* wrong("incumbent", suiteText(url, { incumbent: { provider: "fleet", model: "premiun" } }), {
            says: /incumbent\.model: none of the 12 calls of archive desk was answered by "premiun"/
          })
        ])
        assert.strictEqual((yield* fleet.stats).requests, 0)
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "an archive that holds nothing to replay: says how many calls were left out and why",
    () =>
      Effect.gen(function* () {
        const desk = yield* makeDesk
        yield* fillDesk(desk, 12)
        yield* desk.write("failed.jsonl", liteLlmLines(6).replaceAll('"status":"success"', '"status":"failure"'))
        yield* desk.run(["import", "failed.jsonl", "--name", "failed"])
        yield* desk.write("failed.suite.ts", suiteText("http://127.0.0.1:9/v1", { archive: { name: "failed" } }))
        yield* refused(desk, [
          {
            args: ["climb", "failed.suite.ts"],
            says: /none of the archive's 6 calls can be replayed: 6 no complete answer/
          }
        ])
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "a model the price book does not know: replay judges its quality, climb never names it and says why",
    () =>
      Effect.gen(function* () {
        const fleet = yield* serve({ profiles: [...sayings, saying("nameless", "ok")] })
        const desk = yield* makeDesk
        yield* fillDesk(desk, 60)
        const suite = (name: string, models: ReadonlyArray<string>) =>
          desk.write(`${name}.suite.ts`, suiteText(fleet.openaiURL, { setups: [{ provider: "fleet", models }] }))
        yield* suite("alone", ["nameless"])
        yield* suite("beside", ["nameless", "bad"])
        yield* suite("winner", ["nameless", "small"])

        const replay = yield* desk.run(["replay", "alone.suite.ts", "--json"])
        assert.strictEqual(replay.code, 0, replay.stderr)
        const { spend, standings } = replay.json as RunResult
        assert.deepInclude(standings[0], { verdict: "parity", usdPerCase: null, usd: null, costRatio: null })
        assert.deepInclude(spend, { usd: "0.000000000", calls: 60, unpriced: 60 })

        for (const name of ["alone", "beside"]) {
          const climb = yield* desk.run(["climb", `${name}.suite.ts`])
          assert.strictEqual(climb.code, 4, name)
          assert.match(climb.stdout, /not tried: fleet\/nameless: no price is known for fleet\/nameless/)
        }
        const won = yield* desk.run(["climb", "winner.suite.ts", "--json"])
        assert.strictEqual(won.code, 0)
        const { decision, untried } = won.json as RunResult
        assert.strictEqual(decision?.setup?.label, "fleet/small")
        assert.deepStrictEqual(
          untried.map(({ setup }) => setup.label),
          ["fleet/nameless"]
        )

        const capped = yield* desk.run(["replay", "alone.suite.ts", "--budget", "1"])
        assert.strictEqual(capped.code, 2)
        assert.match(
          capped.stderr,
          /a run with a budget asks nothing without a price, and none is known for fleet\/nameless/
        )
      }).pipe(Effect.scoped),
    patience
  )
})
