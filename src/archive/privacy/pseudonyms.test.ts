import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { archivedCall, userMessage } from "../../testing/archivedCall.ts"
import { makeCleaner, type PseudonymKind, pseudonymKinds } from "./cleaner.ts"

const key = new Uint8Array(32).fill(7)

const cleanerFor = (pseudonyms: ReadonlyArray<PseudonymKind>) => makeCleaner({ key, secrets: true, pseudonyms })

const replaced = (kind: PseudonymKind, text: string) =>
  Effect.flatMap(cleanerFor([kind]), ({ cleanText }) => Effect.promise(() => cleanText(text)))

const textIn = (call: ReturnType<typeof archivedCall> | undefined) => {
  const block = call?.request.messages[0]?.blocks[0]
  return block?.type === "text" ? block.text : undefined
}

const kinds: ReadonlyArray<{
  readonly kind: PseudonymKind
  readonly shape: RegExp
  readonly yes: ReadonlyArray<string>
  readonly no: ReadonlyArray<string>
}> = [
  {
    kind: "email",
    shape: /^person-[0-9a-f]{8}@example\.invalid$/,
    yes: [
      "ana.ribeiro@shop.example",
      "A+B@mail.co.uk",
      "x_1@sub.domain.museum",
      "jörg.groß@büro.example",
      "Müller@x.example",
      "rene\u0301@x.example"
    ],
    no: [
      "git@github.com:team/repo.git",
      "icon@2x.png",
      "@scope/package",
      "a@b",
      "postgres://me@host.example/db",
      "name@1.2.3"
    ]
  },
  {
    kind: "phone",
    shape: /^\+00 \d{10}$/,
    yes: [
      "+49 30 901820",
      "+1 (415) 555-2671",
      "+442079460958",
      "0049 30 901820",
      "0044 (0)20 7946 0958",
      "001-415-555-2671",
      "415-555-2671",
      "(415) 555-2671",
      "415.555.2671",
      "01 42 68 53 00",
      "020 7946 0958"
    ],
    no: [
      "4155552671",
      "00491234567890",
      "order 0012345678905",
      "12:0049 30 901820",
      "0049.30.2024.1.2x",
      "HH-58054",
      "order 2024-05-17",
      "12:30 2024",
      "1.234.567",
      "ISBN 978-3-16-148410-0",
      "10 000 000",
      "call_0123"
    ]
  },
  {
    kind: "card",
    shape: /^0000\d{12}$/,
    yes: [
      "4111 1111 1111 1111",
      "5500-0000-0000-0004",
      "378282246310005",
      "3782 822463 10005",
      "6011111111111117",
      "4222222222222"
    ],
    no: ["4111 1111 1111 1112", "1779126836950", "1234567890123452", "4111-1111 1111-1111", "x4111111111111111"]
  },
  {
    kind: "ip",
    shape: /^(?:240\.\d+\.\d+\.\d+|2001:db8:[0-9a-f]{4}:[0-9a-f]{4}::1)$/,
    yes: ["10.1.2.3", "8.8.8.8", "2606:4700:4700::1111", "fd00:1234::8a2e:370:7334"],
    no: [
      "v1.2.3.4",
      "version 1.2.3.4",
      "1.2.3.4.5",
      "300.1.2.3",
      "127.0.0.1",
      "0.0.0.0",
      "255.255.255.0",
      "12:30:45",
      "::1",
      "std::dec::x",
      "192.0.2.7",
      "198.51.100.3",
      "203.0.113.9",
      "2001:db8:1:2::3"
    ]
  }
]

describe("pseudonyms", () => {
  for (const { kind, no, shape, yes } of kinds)
    it.effect(`of the kind ${kind} replace what is of it, the same each time, and nothing else`, () =>
      Effect.gen(function* () {
        for (const value of yes) {
          const mark = yield* replaced(kind, value)
          assert.match(mark, shape, value)
          const around = yield* replaced(kind, `from "${value}", to (${value}).`)
          assert.strictEqual(around, `from "${mark}", to (${mark}).`)
          assert.strictEqual(
            yield* replaced(kind, JSON.stringify({ a: `\n${value}\n` })),
            JSON.stringify({ a: `\n${mark}\n` })
          )
          assert.strictEqual(yield* replaced(kind, mark), mark)
        }
        for (const value of no) assert.strictEqual(yield* replaced(kind, `x ${value} y`), `x ${value} y`)
      })
    )

  it.effect("do not tell how a number was written", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* replaced("card", "4111-1111-1111-1111"), yield* replaced("card", "4111111111111111"))
      assert.strictEqual(yield* replaced("phone", "+49 30 901820"), yield* replaced("phone", "+4930901820"))
      assert.strictEqual(yield* replaced("phone", "+49 30 901820"), yield* replaced("phone", "0049 30 901820"))
      const dialled = yield* replaced("phone", "Tel.: 004930901820, Telefon 004930901820")
      assert.match(dialled, /^Tel\.: (\+00 \d{10}), Telefon \1$/)
      assert.strictEqual(yield* replaced("phone", "+49 30 901820"), dialled.slice(6, 20))
      assert.strictEqual(yield* replaced("email", "Ana@Shop.example"), yield* replaced("email", "ana@shop.example"))
    })
  )

  it.effect("of a card that is a number in arguments keep them JSON", () =>
    Effect.gen(function* () {
      const input = { card: 4111111111111111, at: 1779126836950 }
      const block = {
        type: "tool_use",
        id: "t",
        name: "pay",
        kind: "function",
        input,
        inputRaw: JSON.stringify(input)
      } as const
      const { clean } = yield* cleanerFor(["card"])
      const [call] = yield* Effect.promise(() =>
        clean([archivedCall("a", { messages: [{ role: "assistant", blocks: [block] }] })])
      )
      const use = call!.request.messages[0]!.blocks[0]!
      if (use.type !== "tool_use") return assert.fail("it is still a tool call")
      assert.deepStrictEqual(JSON.parse(use.inputRaw!), use.input)
      assert.match(JSON.stringify(use.input), /^\{"card":"0000\d{12}","at":1779126836950\}$/)
    })
  )

  it.effect("of names are put into labels and wherever a name stands in any call, and group as the names did", () =>
    Effect.gen(function* () {
      const history = userMessage(
        "Ana Ribeiro and Banana write to ANA RIBEIRO's desk, not to Ben. [secret:ben:00000000]"
      )
      const call = (id: string, engineer: string) =>
        archivedCall(id, {
          messages: [structuredClone(history)],
          answer: `Dear ${engineer}!`,
          call: {
            labels: {
              engineer,
              team: "desk",
              "requester.user_email": "ana@shop.example",
              customer: "42",
              user: "admin"
            }
          }
        })
      const { clean, counts, stored } = yield* cleanerFor(["name"])
      const [first, second, third] = yield* Effect.promise(() =>
        clean([call("1", "Ana Ribeiro"), call("2", "Ana Ribeiro"), call("3", "Ben")])
      )
      const ana = first!.labels["engineer"]!
      const ben = third!.labels["engineer"]!
      assert.match(ana, /^person-[0-9a-f]{8}$/)
      assert.match(first!.labels["requester.user_email"]!, /^person-[0-9a-f]{8}@example\.invalid$/)
      assert.match(first!.labels["customer"]!, /^person-[0-9a-f]{8}$/)
      assert.deepInclude(first!.labels, { team: "desk", user: "admin" })
      assert.deepStrictEqual(second!.labels, first!.labels)
      assert.notStrictEqual(ben, ana)
      assert.strictEqual(
        textIn(first),
        `${ana} and Banana write to ${ana}'s desk, not to ${ben}. [secret:ben:00000000]`
      )
      assert.strictEqual(second!.request.messages[0], first!.request.messages[0])
      assert.strictEqual(
        textIn(third),
        `${ana} and Banana write to ${ana}'s desk, not to ${ben}. [secret:ben:00000000]`
      )
      assert.deepStrictEqual(third!.response.blocks, [{ type: "text", text: `Dear ${ben}!` }])
      assert.strictEqual(first!.fidelity.grade, "A")
      assert.include(first!.fidelity.notes, "4 personal values were replaced by pseudonyms")
      assert.isUndefined(first!.provenance.secretsRemoved)
      for (const one of [first, second, third]) stored(one!)
      assert.deepStrictEqual(counts(), { name: 4 })
    })
  )

  it.effect("leave what nobody asked for, and give way to secrets", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual([...pseudonymKinds], ["email", "phone", "card", "ip", "name"])
      const text = "ana@shop.example, 10.1.2.3"
      assert.match(yield* replaced("email", text), /^person-\w+@example\.invalid, 10\.1\.2\.3$/)
      assert.match(
        yield* replaced("email", "postgres://app:Zk39fjQ0xP@db.example.com/x"),
        /^postgres:\/\/app:\[secret:postgres-connection:\w{8}\]@db\.example\.com\/x$/
      )
    })
  )
})
