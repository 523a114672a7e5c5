import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { ArchivedCall } from "../../domain/Call.ts"
import type { Message } from "../../domain/Message.ts"
import { archivedCall, userMessage } from "../../testing/archivedCall.ts"
import { plantedSecrets } from "../../testing/secrets.ts"
import { type CleanerOptions, makeCleaner } from "./cleaner.ts"

const key = new Uint8Array(32).fill(7)
const cleaner = (options: Partial<CleanerOptions> = {}) =>
  makeCleaner({ key, secrets: true, pseudonyms: [], ...options })

const { secret } = plantedSecrets[0]!
const github = plantedSecrets.find(({ kind }) => kind === "github-token")!.secret
const pem = plantedSecrets.find(({ kind }) => kind === "private-key")!.text

const cleaned = (calls: ReadonlyArray<ArchivedCall>, options?: Partial<CleanerOptions>) =>
  Effect.flatMap(cleaner(options), ({ clean }) => Effect.promise(() => clean(calls)))

const textOf = (message: Message | undefined) => {
  const block = message?.blocks[0]
  return block?.type === "text" ? block.text : undefined
}

/** A call with a text in each place that is kept. */
const filled = (text: string): ArchivedCall =>
  archivedCall("c", {
    messages: [
      { role: "system", blocks: [{ type: "text", text: `system ${text}` }] },
      {
        role: "user",
        name: text,
        blocks: [
          { type: "text", text: `user ${text}` },
          { type: "image", source: { kind: "url", url: `https://x.example/?k=${text}` } },
          { type: "document", source: { kind: "text", text }, title: text },
          { type: "audio", source: { kind: "missing", reason: "expired" }, transcript: text }
        ]
      },
      {
        role: "assistant",
        blocks: [
          { type: "thinking", text, summary: [text] },
          {
            type: "tool_use",
            id: "t1",
            name: "run",
            kind: "function",
            input: { command: `use ${text}`, deep: [{ [text]: 1 }] },
            inputRaw: JSON.stringify({ command: `use ${text}`, deep: [{ [text]: 1 }] }, null, 1)
          },
          {
            type: "tool_use",
            id: "t2",
            name: "run",
            kind: "function",
            input: {},
            inputRaw: `{"cut": "${text}`,
            inputError: "it is cut off"
          }
        ]
      },
      {
        role: "tool",
        blocks: [
          {
            type: "tool_result",
            toolUseId: "t1",
            executedBy: "client",
            content: [{ type: "text", text: JSON.stringify({ a: JSON.stringify({ text }) }) }]
          },
          { type: "opaque", label: "x", origin: { wire: "openai.chat", data: { raw: [text] } } },
          { type: "compaction", summary: text }
        ]
      }
    ],
    request: {
      endpoint: `https://api.example/v1?key=${text}`,
      tools: [
        {
          name: "run",
          description: `runs with ${text}`,
          inputSchema: { type: "object", properties: { a: { description: text, default: text } } },
          kind: "function",
          basis: "recorded",
          origin: { wire: "openai.chat", data: { server: text } }
        }
      ],
      params: { stop: [text], extra: { user_note: { at: [text] } } },
      responseFormat: { type: "json_schema", name: "x", schema: { description: text } }
    },
    call: {
      response: {
        id: text,
        blocks: [
          { type: "text", text: `answer ${text}` },
          { type: "refusal", text }
        ],
        alternatives: [[{ type: "text", text }]],
        stopReason: "error",
        complete: false,
        error: { type: "x", message: `bad key ${text}` }
      },
      provenance: {
        importer: "pair",
        file: `/logs/${text}.jsonl`,
        member: text,
        native: { id: text },
        identity: "native"
      },
      grouping: { sessionId: text, agent: text, attempt: 0 },
      labels: { note: `see ${text}`, [text]: "1" },
      signals: [{ name: "rating", value: text, source: "human", comment: text }],
      usage: { basis: "reported", input: null, output: null, raw: { note: text } }
    }
  })

describe("a cleaner", () => {
  it.effect("take a word that only looks like a key for one in labels, outcomes and errors alone, and count it", () =>
    Effect.gen(function* () {
      const word = "sk-our-team-key"
      const call = archivedCall("a", {
        messages: [userMessage(`the style ${word}`)],
        answer: word,
        call: {
          labels: { note: `by ${word}` },
          signals: [{ name: "n", value: 1, source: "human", comment: `${word}?` }]
        }
      })
      const failed = { ...call, response: { ...call.response, error: { type: "x", message: `401 for ${word}` } } }
      const { clean, counts, stored } = yield* makeCleaner({ key, secrets: true, pseudonyms: [] })
      const [cleaned] = yield* Effect.promise(() => clean([failed]))
      const mark = cleaned!.labels["note"]!.slice(3)
      assert.match(mark, /^\[secret:key:[0-9a-f]{8}\]$/)
      assert.strictEqual(cleaned!.signals[0]?.comment, `${mark}?`)
      assert.strictEqual(cleaned!.response.error?.message, `401 for ${mark}`)
      assert.deepStrictEqual(
        [cleaned!.response.blocks, cleaned!.request.messages],
        [call.response.blocks, call.request.messages]
      )
      assert.strictEqual(cleaned!.provenance.secretsRemoved, 1)
      assert.deepStrictEqual(counts(), {})
      stored(cleaned!)
      stored(cleaned!)
      assert.deepStrictEqual(counts(), { key: 1 })
      const keeping = yield* makeCleaner({ key, secrets: false, pseudonyms: ["email"] })
      assert.strictEqual((yield* Effect.promise(() => keeping.clean([failed])))[0], failed)
    })
  )

  it.effect("replaces a secret wherever a call keeps text, and leaves everything else as it was", () =>
    Effect.gen(function* () {
      const shape = /\[secret:anthropic-api-key:[0-9a-f]{8}\]/
      const [call] = yield* cleaned([filled(secret)])
      const text = JSON.stringify(call)
      assert.notInclude(text, secret)
      const mark = shape.exec(text)![0]
      const { fidelity, provenance, ...rest } = JSON.parse(text.replaceAll(mark, secret))
      const { fidelity: graded, provenance: from, ...whole } = filled(secret)
      assert.deepStrictEqual(rest, whole)
      assert.deepStrictEqual(provenance, { ...from, secretsRemoved: 1 })
      assert.deepStrictEqual(fidelity, { ...graded, notes: ["1 secret was replaced by a placeholder"] })
      // Arguments as they were written stay what they were: JSON, line breaks and all.
      const use = call!.request.messages[2]!.blocks[1]!
      assert.deepStrictEqual(use.type === "tool_use" && JSON.parse(use.inputRaw!), use.type === "tool_use" && use.input)
      assert.include(JSON.stringify(use), '\\n \\"command')
    })
  )

  it.effect("finds a key of many lines in arguments, as they are parsed and as they were written, at any depth", () =>
    Effect.gen(function* () {
      const input = { file: "id_rsa", content: `header\n${pem}\nfooter`, nested: JSON.stringify({ inner: pem }) }
      const message: Message = {
        role: "assistant",
        blocks: [{ type: "tool_use", id: "t", name: "write", kind: "function", input, inputRaw: JSON.stringify(input) }]
      }
      const [call] = yield* cleaned([archivedCall("c", { messages: [message] })])
      const block = call!.request.messages[0]!.blocks[0]!
      assert.isTrue(block.type === "tool_use")
      if (block.type !== "tool_use") return
      assert.deepStrictEqual(JSON.parse(block.inputRaw!), block.input)
      const mark = /\[secret:private-key:[0-9a-f]{8}\]/.exec(block.inputRaw!)![0]
      assert.deepStrictEqual(block.input, {
        file: "id_rsa",
        content: `header\n${mark}\nfooter`,
        nested: JSON.stringify({ inner: mark })
      })
      assert.strictEqual(call!.provenance.secretsRemoved, 1)
    })
  )

  it.effect("keeps numbers, repeated names and blanks of written arguments", () =>
    Effect.gen(function* () {
      const inputRaw = `{ "a" : "${github}", "a": "x", "n": 1.0e2, "big": 12345678901234567890, "password":"q8Zk39fjQ0xPtW21" }`
      const block = {
        type: "tool_use",
        id: "t",
        name: "x",
        kind: "function",
        input: JSON.parse(inputRaw),
        inputRaw
      } as const
      const [call] = yield* cleaned([archivedCall("c", { messages: [{ role: "assistant", blocks: [block] }] })])
      const use = call!.request.messages[0]!.blocks[0]!
      assert.match(
        use.type === "tool_use" ? use.inputRaw! : "",
        /^\{ "a" : "\[secret:github-token:\w{8}\]", "a": "x", "n": 1\.0e2, "big": 12345678901234567890, "password":"\[secret:password:\w{8}\]" \}$/
      )
    })
  )

  it.effect("gives back the same object where nothing is found, and one object for one message that is cleaned", () =>
    Effect.gen(function* () {
      const plain = archivedCall("a")
      const history = [userMessage("hello"), userMessage(`key ${secret}`)]
      const { clean } = yield* cleaner()
      const [first, second, third] = yield* Effect.promise(() =>
        clean([
          plain,
          archivedCall("b", { messages: history }),
          archivedCall("c", { messages: structuredClone(history) })
        ])
      )
      assert.strictEqual(first, plain)
      assert.strictEqual(second!.request.messages[0], history[0])
      assert.strictEqual(third!.request.messages[1], second!.request.messages[1])
      const [later] = yield* Effect.promise(() => clean([archivedCall("d", { messages: structuredClone(history) })]))
      assert.strictEqual(later!.request.messages[1], second!.request.messages[1])
      assert.strictEqual(later!.provenance.secretsRemoved, 1)
      const twice = yield* Effect.promise(() => clean([second!]))
      assert.strictEqual(twice[0], second)
    })
  )

  it.effect(
    "makes equal placeholders of equal secrets in one archive, others in another, and tells them apart by kind",
    () =>
      Effect.gen(function* () {
        const call = archivedCall("a", { messages: [userMessage(`${secret} and ${github} and\n"${secret}"`)] })
        const { clean, counts, stored } = yield* cleaner()
        const [here] = yield* Effect.promise(() => clean([call]))
        const words = textOf(here!.request.messages[0])!.split(/ and\s/)
        assert.match(words[0]!, /^\[secret:anthropic-api-key:[0-9a-f]{8}\]$/)
        assert.match(words[1]!, /^\[secret:github-token:[0-9a-f]{8}\]$/)
        assert.strictEqual(words[2], `"${words[0]}"`)
        assert.strictEqual(here!.provenance.secretsRemoved, 2)
        assert.include(here!.fidelity.notes, "2 secrets were replaced by placeholders")
        stored(here!)
        assert.deepStrictEqual(counts(), { "anthropic-api-key": 1, "github-token": 1 })
        const [there] = yield* cleaned([call], { key: new Uint8Array(32).fill(8) })
        assert.notStrictEqual(textOf(there!.request.messages[0]), textOf(here!.request.messages[0]))
      })
  )

  it.effect("does not look into a message that the archive holds already", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const isKnown = (digest: string) => asked.push(digest) > 0
      const [call] = yield* cleaned([archivedCall("a", { messages: [userMessage(secret)] })], { isKnown })
      assert.strictEqual(textOf(call!.request.messages[0]), secret)
      assert.lengthOf(asked, 1)
    })
  )

  it.effect("leaves everything when secrets are to be kept, and contents in base64 always", () =>
    Effect.gen(function* () {
      const call = filled(secret)
      assert.strictEqual((yield* cleaned([call], { secrets: false }))[0], call)
      const image: Message = {
        role: "user",
        blocks: [{ type: "image", source: { kind: "inline", base64: `${secret}${"A".repeat(200)}` } }]
      }
      const pictured = archivedCall("p", { messages: [image] })
      assert.strictEqual((yield* cleaned([pictured]))[0], pictured)
    })
  )

  it.effect("cleans other texts that are kept, and says what part of the time it took", () =>
    Effect.gen(function* () {
      const { cleanText, share } = yield* cleaner()
      const text = yield* Effect.promise(() => cleanText(`/logs/${github}.jsonl`))
      assert.match(text, /^\/logs\/\[secret:github-token:[0-9a-f]{8}\]\.jsonl$/)
      assert.strictEqual(yield* Effect.promise(() => cleanText("a word")), "a word")
      assert.isAbove(share(), 0)
      assert.isAtMost(share(), 1)
    })
  )

  it.effect("changes nothing that was cleaned before, whatever it was", () =>
    Effect.gen(function* () {
      const all: Partial<CleanerOptions> = { pseudonyms: ["email", "phone", "card", "ip", "name"] }
      const once = yield* cleaned(
        plantedSecrets.map(({ text }, at) =>
          archivedCall(`${at}`, {
            messages: [userMessage(`${text} ana@shop.example +49 30 901820 4111 1111 1111 1111 10.1.2.3 Ana`)],
            call: { labels: { engineer: "Ana", password: text } }
          })
        ),
        all
      )
      const twice = yield* cleaned(once, all)
      assert.deepStrictEqual(twice, once)
      for (const [at, call] of twice.entries()) assert.strictEqual(call, once[at])
    })
  )
})
