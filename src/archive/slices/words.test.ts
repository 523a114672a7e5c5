import { assert, describe, it } from "@effect/vitest"

import { firstWords, lastWords } from "./words.ts"

const first = (text: string, most = 16) => firstWords(text, most).join(" ")
const last = (text: string, most = 16) => lastWords(text, most).join(" ")

describe("the words of a prompt", () => {
  it("do not depend on case, white space and punctuation", () => {
    assert.strictEqual(first("Please,  CHECK (this)\tout"), first("please check this out"))
  })

  for (const [what, one, other] of [
    ["a number", "order 17 of today", "order 4,711.50 of today"],
    [
      "a uuid",
      "trace 3f2b8c1e-9d7a-4e11-8a55-0c1d2e3f4a5b is lost",
      "trace 00000000-0000-4000-8000-00000000000a is lost"
    ],
    ["a hash", "commit 9fceb02d0ae598e95dc970b74767f19372d61af8 broke", "commit ab12 broke"],
    ["an id", "ticket HH-24161 came", "ticket ZZ_9x came"],
    ["a date and a time", "it is 2026-05-04 05:38 now", "it is 04/05/2026 now"],
    ["an e-mail address", "mail jo.weber+x@shop.example today", "mail a@b.co today"],
    ["a URL", "read https://a.example/x?y=z#1 first", "read http://localhost:80/ first"],
    ["a path", "open /home/jo/src/main.ts now", "open ../a/b now"],
    ["quoted text", 'say "good morning" twice', "say “bye” twice"],
    ["code", "run ```js\nlet a = b\n``` again", "run `x` again"],
    ["base64", `see ${"QUJD".repeat(20)} there`, `see ${"eHl6".repeat(30)} there`]
  ] as const) {
    it(`are the same whatever ${what} is`, () => {
      assert.strictEqual(first(one), first(other))
      assert.include(first(one), "…")
    })
  }

  it("keep what an apostrophe or a hyphen joins, and words of any script", () => {
    assert.strictEqual(first("don't re-use Größe 这个"), "don't re-use größe 这个")
  })

  it("say where a label, a line or a sentence ends", () => {
    assert.strictEqual(first("Classify: it.\nThen go. Done"), "classify: it¶ then go. done")
  })

  it("are the last ones at the end of a long text, and none of a fence that the text is cut in", () => {
    const code = `\`\`\`\n${"some code here ".repeat(100)}\n\`\`\``
    assert.strictEqual(last(`begin ${code} Answer in French.`, 8), last(`begin ${code.repeat(3)} Answer in French.`, 8))
    assert.match(last(`begin ${code} Answer in French.`), /answer in french/)
  })

  it("are found in time that does not explode", () => {
    const started = performance.now()
    for (const text of [
      "a".repeat(1e6),
      "a-".repeat(5e5),
      '"'.repeat(1e6),
      "a/".repeat(5e5),
      "```".repeat(3e5),
      "é@".repeat(5e5)
    ]) {
      first(text)
      last(text)
    }
    assert.isBelow(performance.now() - started, 2000)
  })
})
