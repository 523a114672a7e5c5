import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { Message } from "../../domain/Message.ts"
import { archivedCall, userMessage } from "../../testing/archivedCall.ts"
import { plantedSecrets } from "../../testing/secrets.ts"
import { makeCleaner, pseudonymKinds } from "./cleaner.ts"

const prose =
  'The parcel of order HH-58054 was sent on 2026-05-17 at 12:30. See https://shop.example/help?page=2 and call f(x, "y"): {"a": [1, 2]}.\nThe café\u2019s address is in C:\\new\\table; run `npm test` \u2014 it takes 3.5 s. '

/** Mulberry32: numbers in [0,1), the same for the same seed. */
const randomOf = (seed: number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const unpackedText = (text: string, depth: number): string => {
  let inner = text
  for (let level = 0; level < depth; level += 1) inner = JSON.parse(inner).text
  return inner
}

describe("a secret at any place in any text", () => {
  it.effect(
    "is gone, the JSON around it stays JSON, the text around it stays, and a second time changes nothing",
    () =>
      Effect.gen(function* () {
        const random = randomOf(20_260_501)
        const pick = <A>(all: ReadonlyArray<A>): A => all[Math.floor(random() * all.length)]!
        const { clean } = yield* makeCleaner({ key: new Uint8Array(32), secrets: true, pseudonyms: pseudonymKinds })
        for (let round = 0; round < 400; round += 1) {
          const { kind, secret, text } = pick(plantedSecrets)
          const words = prose.repeat(1 + Math.floor(random() * 3)).split(/(?<=\s)/)
          const at = Math.floor(random() * words.length)
          const before = `${words.slice(0, at).join("")}${pick(["\n", " ", "\t", '"', "(", "`", "'", "\r\n"])}`
          const after = `${pick(["\n", " ", '"', "`", "'", ")", ", "])}${words.slice(at).join("")}`
          const depth = Math.floor(random() * 4)
          let deep = `${before}${text}${after}`
          const input: Record<string, string | number> = { plain: deep, round }
          for (let level = 0; level < depth; level += 1)
            deep = JSON.stringify({ text: deep, more: ["\u00e9\n", level] })
          input["deep"] = deep
          const use: Message = {
            role: "assistant",
            blocks: [{ type: "tool_use", id: "t", name: "n", kind: "function", input, inputRaw: JSON.stringify(input) }]
          }
          const [call] = yield* Effect.promise(() =>
            clean([archivedCall(`${round}`, { messages: [userMessage(deep), use] })])
          )
          const all = JSON.stringify(call)
          const where = `${kind} at ${at}, ${depth} deep: ${JSON.stringify(before.slice(-20))} ${JSON.stringify(after.slice(0, 20))}`
          for (const piece of [...secret.split("\n"), secret.slice(-8)])
            if (piece.length >= 8) assert.notInclude(all, piece, where)
          const [asked, used] = [call!.request.messages[0]!.blocks[0]!, call!.request.messages[1]!.blocks[0]!]
          if (used.type !== "tool_use" || asked.type !== "text") return assert.fail(where)
          assert.deepStrictEqual(JSON.parse(used.inputRaw!), used.input, where)
          const left = unpackedText(asked.text, depth)
          assert.isTrue(left.startsWith(before), `${where}: ${left}`)
          assert.include(left, after.slice(2, 40), where)
          const [twice] = yield* Effect.promise(() => clean([call!]))
          assert.strictEqual(twice, call, where)
        }
      }),
    60_000
  )
})
