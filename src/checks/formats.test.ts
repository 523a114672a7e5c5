import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { answer, inSuite, seenCase, settled } from "../testing/grading.ts"
import type { Check } from "./contract.ts"
import { html } from "./html.ts"
import { regex } from "./regex.ts"
import { runCheck } from "./run.ts"
import { sql } from "./sql.ts"
import { xml } from "./xml.ts"

const checking = (check: Check, options: unknown, text: string) =>
  settled(
    runCheck(check.id, check.make(Schema.decodeUnknownSync(check.options)(options), inSuite), {
      output: answer(text),
      case: seenCase()
    })
  )

describe("the check regex", () => {
  it.for([
    ["found", { pattern: "order \\d+" }, "Your order 12.", true],
    ["not found", { pattern: "order \\d+" }, "Your Order 12.", false],
    ["with flags", { pattern: "order \\d+", flags: "i" }, "Your Order 12.", true],
    ["not to be found, and not", { pattern: "sorry", match: "none" }, "Done.", true],
    ["not to be found, but found", { pattern: "sorry", match: "none" }, "I am sorry.", false]
  ] as const)("%s", async ([, options, text, pass]) => {
    assert.strictEqual((await checking(regex, options, text)).pass, pass)
  })

  it("tells a repair round what is wrong, in the suite's words where it has some", async () => {
    const plain = await checking(regex, { pattern: "a+", match: "none" }, "caat")
    assert.strictEqual(plain.message, 'The answer must not hold /a+/, but holds "aa"')
    assert.strictEqual((await checking(regex, { pattern: "x", message: "End with x." }, "a")).message, "End with x.")
  })

  it("looks at each text afresh", async () => {
    const check = regex.make(Schema.decodeSync(regex.options)({ pattern: "a" }), inSuite)
    const input = { output: answer("a"), case: seenCase() }
    for (const _ of [1, 2, 3]) assert.isTrue((await settled(runCheck("regex", check, input))).pass)
  })

  it("breaks off a search without an end, as a fault of the pattern and not of the answer", async () => {
    const got = await checking(regex, { pattern: "^(a+)+$" }, `${"a".repeat(60)}b`)
    assert.isTrue(got.broken)
    assert.include(got.message, "was still searching after 1 s")
  })

  it.for([
    ["a pattern that is none", { pattern: "(" }, /Unterminated group|Invalid regular expression/],
    ["a flag that is none", { pattern: "a", flags: "q" }, /Invalid flags/],
    ["a flag for many matches", { pattern: "a", flags: "g" }, /the flags g and y/]
  ] as const)("refuses %s", ([, options, message]) => {
    assert.throws(() => Schema.decodeSync(regex.options)(options), message)
  })
})

describe("the check sql", () => {
  it.for([
    ["postgresql", "select id, total from orders where total > 10 order by id limit 5", true],
    ["postgresql", "with a as (select 1 as x) select * from a; select 2;", true],
    ["postgresql", "Here:\n```sql\nselect count(*)::int from t\n```\nDone.", true],
    ["mysql", "select count(*)::int from t", false],
    ["mysql", "select `a` from `t`", true],
    ["transactsql", "select top 5 a from t", true],
    ["sqlite", "selec a from t", false],
    ["sqlite", "I cannot do that", false],
    ["sqlite", "", false]
  ] as const)("%s: %s", async ([dialect, text, pass]) => {
    const got = await checking(sql, { dialect }, text)
    assert.deepStrictEqual([got.pass, got.broken], [pass, undefined], got.message)
  })

  it.for(["bigquery", "mariadb", "mysql", "postgresql", "redshift", "snowflake", "sqlite", "transactsql"] as const)(
    "knows %s",
    async (dialect) => {
      assert.isTrue((await checking(sql, { dialect }, "select a from t where b = 1")).pass)
      assert.isFalse((await checking(sql, { dialect }, "select a from t where")).pass)
    }
  )

  it("says where the fault is", async () => {
    const { message } = await checking(sql, { dialect: "postgresql" }, "select a\nfrm t x")
    assert.match(message, /^The SQL is not valid postgresql: line 2, column \d+: .* near "/)
  })

  it("must be told the dialect", () => {
    assert.throws(() => Schema.decodeUnknownSync(sql.options)({}), /dialect/)
  })
})

describe("the check xml", () => {
  it.for([
    ["<a><b c='1'/>&amp;</a>", true],
    ['```xml\n<?xml version="1.0"?>\n<a/>\n```', true],
    ["<a><b></a>", false],
    ["<a/><b/>", false],
    ["<a b=1/>", false],
    ["<a>&nope;</a>", false],
    ["<x:a/>", false],
    ["<x:a xmlns:x='urn:x'/>", true],
    ["Sure!", false],
    ["", false]
  ] as const)("%s", async ([text, pass]) => {
    assert.strictEqual((await checking(xml, {}, text)).pass, pass)
  })

  it("says where the fault is", async () => {
    const { message } = await checking(xml, {}, "<a>\n  <b>\n</a>")
    assert.strictEqual(message, "The XML is not well-formed (line:column): 3:4: unexpected close tag.")
  })
})

describe("the check html", () => {
  it.for([
    ["a fragment", {}, "<p>Hi<br>there <b>you</b>", true],
    [
      "a fenced document",
      {},
      "```html\n<!doctype html><html><head><title>x</title></head><body><p>x</body></html>\n```",
      true
    ],
    ["a list without end tags", {}, "<ul><li>a<li>b</ul>", true],
    ["a picture inside", {}, '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>', true],
    ["an element left open", {}, "<div><span>x</div>", false],
    ["an element left open, forgiven", { ignore: ["unclosed-span"] }, "<div><span>x</span></div>", true],
    ["one left open in a template", {}, "<template><div></template>", false],
    ["an attribute twice", {}, "<a href=x href=y>x</a>", false],
    ["no doctype", {}, "<html><body>x</body></html>", false],
    ["no doctype, forgiven", { ignore: ["missing-doctype"] }, "<html><body>x</body></html>", true],
    ["a fragment where a document is wanted", { as: "document" }, "<p>x", false],
    ["nothing", {}, "", false]
  ] as const)("%s", async ([, options, text, pass]) => {
    const got = await checking(html, options, text)
    assert.strictEqual(got.pass, pass, got.message)
  })

  it("names the faults and their places", async () => {
    const { message } = await checking(html, {}, "<div>\n<a href=x href=y>x</a>")
    assert.strictEqual(
      message,
      "The HTML is not valid: unclosed-div at line 1, column 1; duplicate-attribute at line 2, column 15"
    )
  })
})
