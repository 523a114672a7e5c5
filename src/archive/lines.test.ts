import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { makeLines } from "./lines.ts"

/** The records of a text that comes in pieces of `size` bytes. */
const read = (text: string | Uint8Array, size = 7) => {
  const bytes = typeof text === "string" ? Buffer.from(text) : text
  const lines = makeLines()
  const found = []
  for (let at = 0; at < bytes.length; at += size) found.push(...lines.push(bytes.subarray(at, at + size)))
  return [...found, ...lines.end()]
}
const json = (text: string | Uint8Array, size?: number) =>
  read(text, size).map((line) => ("json" in line ? [line.line, line.json] : [line.line, line.error]))

describe("records of a file", () => {
  it("are its lines, numbered from 1, blank ones left out, the last one without a newline too", () => {
    assert.deepStrictEqual(json('{"a":1}\n\n  \n{"a":2}'), [
      [1, { a: 1 }],
      [4, { a: 2 }]
    ])
  })

  it("come out of CRLF and behind a byte order mark", () => {
    assert.deepStrictEqual(json('\ufeff{"a":1}\r\n{"a":2}\r\n'), [
      [1, { a: 1 }],
      [2, { a: 2 }]
    ])
  })

  it("are the elements of an array, with the line on which each starts", () => {
    assert.deepStrictEqual(json('[\n  {"a": [1, "]}"]},\n  {\n    "b": "\\"}"\n  }\n]\n'), [
      [2, { a: [1, "]}"] }],
      [3, { b: '"}' }]
    ])
    assert.deepStrictEqual(json('[{"a":1},{"a":2}]'), [
      [1, { a: 1 }],
      [1, { a: 2 }]
    ])
    assert.deepStrictEqual(json("[]"), [])
  })

  it("are pretty-printed objects, one or several", () => {
    assert.deepStrictEqual(json('{\n  "a": 1\n}\n{\n  "a": 2\n}\n'), [
      [1, { a: 1 }],
      [4, { a: 2 }]
    ])
  })

  it("name the broken line and leave the others whole", () => {
    const [first, second, third] = read('{"a":1}\n{"secret": "text", oops\n{"a":2}\n')
    assert.deepStrictEqual(first, { line: 1, json: { a: 1 } })
    assert.isTrue(second !== undefined && second.line === 2 && "error" in second && /not valid JSON/.test(second.error))
    assert.isFalse(JSON.stringify(second).includes("secret"), "the message does not quote the line")
    assert.deepStrictEqual(third, { line: 3, json: { a: 2 } })
  })

  it("say so when an array ends in the middle of an element", () => {
    assert.deepStrictEqual(json('[\n{"a":1},\n{"a":'), [
      [2, { a: 1 }],
      [3, "a JSON value that does not end"]
    ])
  })

  it("are refused when they are not UTF-8", () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}\n{"a":2}\n')])
    assert.deepStrictEqual(json(bytes), [
      [1, "not UTF-8 text"],
      [2, { a: 2 }]
    ])
  })

  it("keep arrays that are single lines of a log", () => {
    assert.deepStrictEqual(json('["client.create",{"a":1}]\n["client.list",{}]\n'), [
      [1, ["client.create", { a: 1 }]],
      [2, ["client.list", {}]]
    ])
  })

  it("may be many megabytes long", () => {
    const text = "x".repeat(9_000_000)
    assert.deepStrictEqual(json(`${JSON.stringify({ text })}\n{"a":2}\n`, 1 << 20), [
      [1, { text }],
      [2, { a: 2 }]
    ])
  })

  it("of 200 MB are read, and of more than 256 MB are one error, without being held", { timeout: 180_000 }, () => {
    const chunk = Buffer.alloc(1 << 20, "x")
    const feed = (chunks: number) => {
      const lines = makeLines()
      const found = [...lines.push(Buffer.from('{"a":"'))]
      for (let n = 0; n < chunks; n++) found.push(...lines.push(chunk))
      return [...found, ...lines.push(Buffer.from('"}\n{"a":2}\n')), ...lines.end()]
    }
    const [long, second] = feed(200)
    const { a } = (long !== undefined && "json" in long ? long.json : {}) as { a: string }
    assert.strictEqual(a.length, 200 * (1 << 20))
    assert.deepStrictEqual(second, { line: 2, json: { a: 2 } })
    assert.deepStrictEqual(feed(3000), [
      { line: 1, error: "longer than 256 MB, the most that is read as one record" },
      { line: 2, json: { a: 2 } }
    ])
    const values = makeLines()
    const found = [...values.push(Buffer.from('[{"a":"'))]
    for (let n = 0; n < 300; n++) found.push(...values.push(chunk))
    found.push(...values.push(Buffer.from('"},\n{"a":2}]')), ...values.end())
    assert.deepStrictEqual(found, [
      { line: 1, error: "longer than 256 MB, the most that is read as one record" },
      { line: 2, json: { a: 2 } }
    ])
  })

  it("are refused where they are nested beyond any use, and the stack holds", () => {
    const nested = (depth: number) => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`
    assert.deepStrictEqual(
      read(`${nested(900)}\n${nested(1_000_000)}\n{"a":2}\n`, 1 << 16).map((line) =>
        "json" in line ? "read" : line.error
      ),
      ["read", "nested more than 1000 levels deep", "read"]
    )
  })

  it("of a file that grows wait for their end: a line, a value, a document", () => {
    const rest = (text: string, more: string) => {
      const lines = makeLines()
      const first = [...lines.push(Buffer.from(text)), ...lines.end(true)]
      const waits = lines.unfinished
      const then = [...lines.push(Buffer.from(more)), ...lines.end(true), ...lines.end()]
      return [waits, ...[first, then].map((found) => found.map((line) => ("json" in line ? line.json : line.error)))]
    }
    assert.deepStrictEqual(rest('{"a":1}\n{"a":', "2}\n"), [true, [{ a: 1 }], [{ a: 2 }]])
    assert.deepStrictEqual(rest('{"a":1}\n{"a":2}', '\n{"a":3}'), [false, [{ a: 1 }, { a: 2 }], [{ a: 3 }]])
    assert.deepStrictEqual(rest('{"a":1}\n{"a":{}', "}"), [true, [{ a: 1 }], [{ a: {} }]])
    assert.deepStrictEqual(rest('[\n{"a":1},\n{"a":', "2}]"), [true, [{ a: 1 }], [{ a: 2 }]])
    assert.deepStrictEqual(rest("interactions:\n- a: 1\n", "- a: 2\n"), [true, [], [{ a: 1 }, { a: 2 }]])
  })

  const Records = Schema.Array(Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Array(Schema.String)])))
  it.effect.prop(
    "are the same however the file is written and cut into pieces",
    { records: Records, size: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 })) },
    ({ records, size }) =>
      Effect.sync(() => {
        const values = (text: string) => read(text, size).map((line) => ("json" in line ? line.json : line))
        // Through JSON once: a key named __proto__ is an own property only then.
        const expected: unknown = JSON.parse(JSON.stringify(records))
        assert.deepStrictEqual(values(records.map((r) => `${JSON.stringify(r)}\n`).join("")), expected)
        assert.deepStrictEqual(values(JSON.stringify(records, null, 2)), expected)
        assert.deepStrictEqual(
          values(records.map((r) => `${JSON.stringify({ r }, null, 1)}\n`).join("")),
          JSON.parse(JSON.stringify(records.map((r) => ({ r }))))
        )
      })
  )
})
