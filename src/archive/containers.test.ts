import { existsSync } from "node:fs"
import { copyFile, mkdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { gzipSync } from "node:zlib"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { makeLines } from "./lines.ts"
import { inFolder, lines, row, rows, zipOf } from "./testFolder.ts"

const patient = { timeout: 180_000 }

describe("a ZIP of exports", patient, () => {
  it.effect("is read as a folder is, stored, deflated or packed with zstd, and its files are named in it", () =>
    inFolder(({ at, run, write }) =>
      Effect.gen(function* () {
        const zip = zipOf([
          { name: "day/a.jsonl", content: lines(row("1"), row("2")), method: 0 },
          { name: "day/b.json", content: JSON.stringify([row("3")], null, 2), method: 8 },
          { name: "day/c.ndjson", content: `${lines(row("4"))}{"torn": \n`, method: 93 },
          { name: "day/d.jsonl.gz", content: gzipSync(lines(row("5"))), method: 0 },
          { name: "day/empty.json", content: "" },
          { name: "day/README.md", content: "# notes" },
          { name: ".hidden/e.jsonl", content: lines(row("6")) }
        ])
        yield* write("exports.bin", zip)
        const result = yield* run("exports.bin")
        assert.deepStrictEqual([result.read, result.imported, result.formats], [7, 4, { litellm: 4 }])
        assert.deepStrictEqual(result.other, { "file .md": 1 })
        assert.deepStrictEqual(
          result.skipped.map(({ file, line }) => [file, line]),
          [
            [at("exports.bin/day/c.ndjson"), 2],
            [at("exports.bin/day/d.jsonl.gz"), 1],
            [at("exports.bin/day/empty.json"), 1]
          ].sort()
        )
        assert.deepStrictEqual(result.files, [{ file: at("exports.bin"), format: "litellm", records: 5 }])
        const again = yield* run("exports.bin")
        assert.deepStrictEqual([again.imported, again.duplicates], [0, 4])
      })
    )
  )

  it.effect("of which nothing is read says why, as does one that would unpack without end", () =>
    inFolder(({ fault, run, write }) =>
      Effect.gen(function* () {
        const zeros = Buffer.alloc(2 * 1024 * 1024)
        const bomb = zipOf([{ name: "a.jsonl", content: zeros, claimed: 300 * 1024 * 1024 }])
        yield* write("unread.zip", zipOf([{ name: "a.json", content: JSON.stringify({ colour: "red" }) }]))
        yield* write("nothing.zip", zipOf([{ name: "a.txt", content: "text" }]))
        yield* write(
          "nested.zip",
          zipOf([{ name: "a.zip", content: zipOf([{ name: "a.jsonl", content: lines(row("1")) }]) }])
        )
        yield* write("bomb.zip", bomb)
        yield* write("liar.zip", zipOf([{ name: "a.jsonl", content: zeros, claimed: 1000 }]))
        yield* write("day/bomb.zip", bomb)
        yield* write("day/good.jsonl", lines(row("1")))
        assert.match((yield* fault("unread.zip")).sentence, /none of the files in this ZIP can be read; .*a\.json: /)
        assert.include((yield* fault("nothing.zip")).sentence, "no file in this ZIP that could be an export")
        assert.include((yield* fault("nested.zip")).sentence, "a zip file inside a packed file")
        const refused = yield* fault("bomb.zip")
        assert.include(refused.sentence, "would unpack to 300 MB, more than 200 times its size")
        assert.include(refused.mend ?? "", "unpack it and import the files")
        assert.include((yield* fault("liar.zip")).sentence, "damaged")
        const day = yield* run("day")
        assert.deepStrictEqual([day.imported, day.skipped.length], [1, 1])
      })
    )
  )
})

describe("an Inspect log", patient, () => {
  const evaluation = { version: 2, status: "success", eval: { eval_id: "e", task: "t", model: "m" }, plan: {} }
  const sample = (id: number) => ({
    id,
    epoch: 1,
    messages: [],
    events: [
      {
        event: "model",
        model: "openai/gpt-4o",
        input: [{ role: "user", content: `question ${id}` }],
        tools: [],
        tool_choice: "auto",
        config: {},
        output: {
          model: "gpt-4o",
          choices: [{ message: { role: "assistant", content: "yes" }, stop_reason: "stop" }],
          usage: { input_tokens: 5, output_tokens: 1, total_tokens: 6 }
        }
      }
    ],
    scores: { match: { value: "C" } }
  })

  it.effect("is read header first, then each sample, without what repeats them", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        const member = (name: string, value: unknown, method: 8 | 93 = 8) => ({
          name,
          method,
          content: JSON.stringify(value)
        })
        yield* write(
          "log.eval",
          zipOf([
            member("_journal/start.json", evaluation),
            member("samples/1_epoch_1.json", sample(1), 93),
            member("samples/2_epoch_1.json", sample(2)),
            member("summaries.json", []),
            member("header.json", evaluation)
          ])
        )
        const result = yield* run("log.eval")
        assert.deepStrictEqual([result.imported, result.formats, result.signals], [2, { inspect: 2 }, 2])
        assert.deepStrictEqual(result.other, { "journal or summary of an Inspect log": 2 })
        assert.strictEqual((yield* rows).length, 2)
      })
    )
  )
})

const samples = join(import.meta.dirname, "../../../shared/data/formats")

const yaml = (...interactions: ReadonlyArray<string>) => `interactions:\n${interactions.join("")}version: 1\n`
const interaction = (request: string, body: string) => `- request:
    body: '${request}'
    method: POST
    uri: https://api.openai.com/v1/chat/completions
  response:
    body:
      string: ${body}
    status:
      code: 200
      message: OK
`
const readAll = (text: string | Uint8Array) => {
  const all = makeLines()
  const bytes = Buffer.from(text)
  return [...all.push(bytes.subarray(0, 9)), ...all.push(bytes.subarray(9)), ...all.end()]
}
const packedIn = (text: string) => {
  const base64 = gzipSync(text).toString("base64").replaceAll(/.{76}/g, "$&\n        ")
  return `!!binary |\n        ${base64}`
}

describe("a cassette in YAML", () => {
  it("is its interactions, each at its line, with packed bodies as texts", () => {
    const answer = JSON.stringify({ id: "chatcmpl-1", note: "- no item\n!!binary" })
    const text = yaml(
      interaction('{"q": 1}', `'${answer}'`),
      interaction('{"q": 2}', packedIn(answer)),
      interaction('{"q": 3}', `!!binary |\n        ${Buffer.from([1, 2, 255]).toString("base64")}`)
    )
    for (const start of ["", "# recorded\n", "---\n"]) {
      const found = readAll(start + text)
      const [first, second, third] = found.map((line) => ("json" in line ? line.json : line))
      const bodies = (one: unknown) => (one as { response: { body: { string: unknown } } }).response.body.string
      assert.strictEqual(bodies(first), answer)
      assert.strictEqual(bodies(second), answer)
      assert.deepStrictEqual(bodies(third), { base64: "AQL/" })
      const begins = (start + text).split("\n").flatMap((line, at) => (line.startsWith("- request") ? [at + 1] : []))
      assert.deepStrictEqual(
        found.map(({ line }) => line),
        begins
      )
    }
  })

  it("that is no YAML, or grows when its aliases are followed, is one broken record", () => {
    const layers = Array.from(
      { length: 12 },
      (_, n) => `  l${n + 1}: &l${n + 1} [${Array(10).fill(`*l${n}`).join(", ")}]\n`
    )
    const bomb = `interactions:\n- l0: &l0 [x]\n${layers.join("")}`
    const [grown, ...more] = readAll(bomb)
    assert.strictEqual(more.length, 0)
    assert.include(grown !== undefined && "error" in grown ? grown.error : "", "more than can be read")
    const [broken] = readAll("interactions:\n- a: [1\n")
    assert.include(broken !== undefined && "error" in broken ? broken.error : "", "not valid YAML")
  })

  // python3: yaml.safe_load of each; [(i["request"]["method"], gzip.decompress(b) if isinstance(b, bytes) else b, for b the response's body.string)]
  it.skipIf(!existsSync(samples))("holds what its decoded copy holds [needs ../shared]", async () => {
    for (const name of [
      "openai-http/test_chat_reasoning",
      "openai-http/test_chat_tool_calls",
      "openai-http/test_chat_tools_streaming",
      "anthropic-http/test_anthropic_tools_legacy",
      "anthropic-http/test_anthropic_message_streaming_legacy"
    ]) {
      const decoded: ReadonlyArray<{ request_body: string; response_body: string }> = JSON.parse(
        await readFile(join(samples, `${name}.decoded.json`), "utf8")
      )
      const found = readAll(await readFile(join(samples, `${name}.yaml`)))
      assert.deepStrictEqual(
        found.map((line) => {
          const { request, response } = ("json" in line ? line.json : {}) as {
            request: { body: string }
            response: { body: { string: string } }
          }
          return [request.body, response.body.string]
        }),
        decoded.map((one) => [one.request_body, one.response_body]),
        name
      )
    }
  })

  // python3 -c 'import zipfile,sys; [print(n) for n in zipfile.ZipFile(sys.argv[1]).namelist()]' FILE: one sample in each
  it.effect.skipIf(!existsSync(samples))("and real Inspect logs are read from their ZIP [needs ../shared]", () =>
    inFolder(({ at, run }) =>
      Effect.gen(function* () {
        yield* Effect.promise(async () => {
          await mkdir(at("logs"), { recursive: true })
          for (const name of [
            "2024-11-05T13-32-37-05-00_input-task_hxs4q9azL3ySGkjJirypKZ.eval",
            "log_message_deduplication.eval"
          ])
            await copyFile(join(samples, "inspect", name), at(`logs/${name}`))
        })
        const result = yield* run("logs")
        assert.strictEqual(result.files.length, 2)
        assert.isTrue(result.files.every(({ format, records }) => format === "inspect" && records > 0))
        assert.strictEqual(result.other["journal or summary of an Inspect log"], 8)
      })
    )
  )
})
