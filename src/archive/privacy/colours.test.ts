import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { archivedCall, userMessage } from "../../testing/archivedCall.ts"
import { plantedSecrets } from "../../testing/secrets.ts"
import { makeCleaner, pseudonymKinds } from "./cleaner.ts"
import { uncoloured, withoutColours } from "./colours.ts"
import { formsOf } from "./unescape.ts"

const esc = "\u001b"
const key = new Uint8Array(32)
const cleaner = makeCleaner({ key, secrets: true, pseudonyms: [] })
const cleanedBy = Effect.map(
  cleaner,
  ({ cleanText }) =>
    (text: string) =>
      Effect.promise(() => cleanText(text))
)

/** How logs write "green" and "back to plain". */
const colourings: ReadonlyArray<readonly [on: string, off: string]> = [
  [`${esc}[32m`, `${esc}[0m`],
  [`${esc}[1;38;5;208m`, `${esc}[m`],
  [`${esc}[38:2::10:20:30m`, `${esc}[39;49m`],
  [`${esc}[K`, `${esc}[0K`],
  [`${esc}[?25l${esc}[2J${esc}[H`, `${esc}[?25h`],
  [`${esc}(B${esc}[33m`, `${esc}(B${esc}[m`],
  [`${esc}]0;title\u0007${esc}[01;31m${esc}[K`, `${esc}[m${esc}[K`],
  ["\u009b32m", "\u009b0m"],
  ["\u241b[32m", "\u241b[0m"],
  ["\ufffd[32m", "\ufffd[0m"],
  ["\\u001b[32m", "\\u001b[0m"],
  ["\\033[32m", "\\033[0m"],
  ["\\33[1;32m", "\\33[m"],
  ["\\x1b[32m", "\\x1b[0m"],
  ["\\x1B[K", "\\x1B[m"],
  ["\\e[32m", "\\e[0m"],
  ["\\u{1b}[32m", "\\u{1b}[0m"],
  ["^[[32m", "^[[0m"],
  ["[32m", "[0m"],
  ["[1;31m", "[0;39m"]
]

/** What stands right before and after the colours. */
const beside = [
  ["", ""],
  ["x ", " y"],
  ["info", "done"],
  ["9", "9"]
] as const

/** What must not be anywhere: the secret's lines and its end. */
const pieces = (secret: string) => [...secret.split("\n"), secret.slice(-8)].filter((piece) => piece.length >= 8)

describe("a secret in a coloured log", () => {
  it.effect(
    "of each kind is found in each colouring, with letters beside the colours, as it is and in JSON",
    () =>
      Effect.gen(function* () {
        const { clean } = yield* cleaner
        for (const { kind, secret, text } of plantedSecrets) {
          const lines = colourings.flatMap(([on, off]) =>
            beside.map(([before, after]) => `${before}${on}${text}${off}${after}`)
          )
          const given = lines.flatMap((line, at) => [
            line,
            at % 2 === 0 ? JSON.stringify({ line }) : JSON.stringify(JSON.stringify([line]))
          ])
          const [call] = yield* Effect.promise(() => clean([archivedCall("c", { messages: given.map(userMessage) })]))
          for (const [at, { blocks }] of call!.request.messages.entries())
            for (const piece of pieces(secret))
              assert.notInclude(JSON.stringify(blocks), piece, `${kind} in ${JSON.stringify(given[at]).slice(0, 60)}`)
        }
      }),
    60_000
  )

  it.effect("keeps the colours around its placeholder, which is that of the secret without colours", () =>
    Effect.gen(function* () {
      const cleaned = yield* cleanedBy
      const token = plantedSecrets.find(({ kind }) => kind === "github-token")!.secret
      const mark = yield* cleaned(token)
      assert.match(mark, /^\[secret:github-token:[0-9a-f]{8}\]$/)
      for (const [on, off] of colourings) {
        assert.strictEqual(yield* cleaned(`a ${on}${token}${off} b`), `a ${on}${mark}${off} b`)
        if (on.includes("title")) continue
        const inner = `${token.slice(0, 9)}${on}${token.slice(9, 20)}${off}${token.slice(20)}`
        assert.strictEqual(yield* cleaned(`a ${inner} b`), `a ${mark} b`, JSON.stringify(inner))
      }
      const green = `${esc}[32m`
      const plain = `${esc}[0m`
      const [setting] = [yield* cleaned("DB_PASSWORD=Zk39fjQ0xPtW")]
      const password = setting.slice("DB_PASSWORD=".length)
      for (const [given, kept] of [
        [`DB_PASSWORD=${green}Zk39fjQ0xPtW${plain}`, `DB_PASSWORD=${green}${password}${plain}`],
        [`DB_PASSWORD${plain}=${green}Zk39fjQ0xPtW${plain} ok`, `DB_PASSWORD${plain}=${green}${password}${plain} ok`],
        [`${green}DB_PASSWORD${plain}: Zk39fjQ0xPtW`, `${green}DB_PASSWORD${plain}: ${password}`]
      ] as const)
        assert.strictEqual(yield* cleaned(given), kept)
    })
  )

  it.effect("is found in what links of a terminal lead to, and personal data have one pseudonym", () =>
    Effect.gen(function* () {
      const { cleanText } = yield* makeCleaner({ key, secrets: true, pseudonyms: pseudonymKinds })
      const cleaned = (text: string) => Effect.promise(() => cleanText(text))
      const token = plantedSecrets.find(({ kind }) => kind === "github-token")!.secret
      assert.notInclude(
        yield* cleaned(`${esc}]8;;https://host.example/?t=${token}${esc}\\a link${esc}]8;;\u0007`),
        token
      )
      const mark = yield* cleaned("ana@shop.example")
      assert.strictEqual(yield* cleaned(`${esc}[32mana@shop.example${esc}[0m`), `${esc}[32m${mark}${esc}[0m`)
    })
  )
})

describe("what terminals read", () => {
  it("is left out, and every character is found again in the original", () => {
    const text = `a${esc}[32mb\\n${esc}[0mc`
    for (const form of formsOf(text).flatMap(uncoloured))
      for (const letter of "abc") assert.strictEqual(text[form.at(form.text.indexOf(letter))], letter)
    const [form] = formsOf(`x${esc}[32myz${esc}[0m`).flatMap(uncoloured)
    assert.deepStrictEqual([form!.text, form!.at(1), form!.end(3)], ["xyz", 6, 8])
  })

  it("is nothing else: lists, code, paths and prose stay as they are", () => {
    for (const text of ["a[10] = m", "[1, 2]", "C:\\echo\\[x]", "caret ^ [x]", "m[3]m", "[12 min]", "[2026-05-01]"])
      assert.strictEqual(withoutColours(text), text)
    const [form, ...more] = formsOf("plain [1] text").flatMap(uncoloured)
    assert.deepStrictEqual([form!.text, more], ["plain [1] text", []])
  })
})
