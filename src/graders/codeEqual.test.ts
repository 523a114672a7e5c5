import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { pair, settled } from "../testing/grading.ts"
import { codeEqual } from "./codeEqual.ts"
import { runGrader } from "./grade.ts"

const grade = (language: typeof codeEqual.options.Type.language, ...of: Parameters<typeof pair>) =>
  settled(runGrader(codeEqual.make(Schema.decodeSync(codeEqual.options)({ language })), pair(...of)))

describe("codeEqual", () => {
  it.for([
    ["quotes and semicolons", "js", "const a = 'x'", 'const a = "x";', 1],
    ["line breaks and indentation", "js", "f(a,\n   b)", "f(a, b)", 1],
    ["an object over several lines", "js", "const a = {\n  b: 1\n}", "const a = { b: 1 }", 1],
    ["blank lines", "js", "a()\n\n\nb()", "a()\nb()", 1],
    ["blank lines inside a text", "js", "const a = `x\n\ny`", "const a = `x\ny`", 0],
    ["another name", "js", "const a = 1", "const b = 1", 0],
    ["another order", "js", "a()\nb()", "b()\na()", 0],
    ["a comment more", "js", "a() // first", "a()", 0],
    ["needless parentheses", "js", "const a = (1 + 2)", "const a = 1 + 2", 1],
    ["types", "ts", "let a:number=1", "let a: number = 1", 1],
    ["another type", "ts", "let a: number", "let a: string", 0],
    ["markup in code", "jsx", "const a = <b  c='1'/>", 'const a = <b c="1" />', 1],
    ["typed markup in code", "tsx", "const a: A = <b  c='1'/>", 'const a: A = <b c="1" />', 1],
    ["JSON on one line", "json", '{"a":[1,2]}', '{\n  "a": [1, 2]\n}', 1],
    ["styles", "css", "a{color:red}", "a {\n  color: red;\n}", 1],
    ["nested styles", "scss", "a{b{color:$c}}", "a { b { color: $c; } }", 1],
    ["markup", "html", "<div><p  class='a'>x</p></div>", '<div>\n<p class="a">x</p>\n</div>', 0],
    ["quotes in markup", "html", "<p  class='a'>x</p>", '<p class="a">x</p>', 1],
    ["Markdown", "markdown", "* a\n* b", "- a\n- b", 1],
    ["YAML", "yaml", "a:   1\nb: [1,2]", "a: 1\nb: [1, 2]", 1],
    ["a query", "graphql", "{a b}", "{\n  a\n  b\n}", 1],
    ["white space at the ends of lines", "other", "def f():\r\n    return 1  \r\n", "def f():\n    return 1", 1],
    ["indentation where it means something", "other", "if a:\n    b()\nc()", "if a:\n    b()\n    c()", 0]
  ] as const)("%s (%s)", async ([, language, output, original, score]) => {
    const got = await grade(language, output, original)
    assert.strictEqual(got.score, score, got.why)
  })

  it("takes the first fenced block of the language on both sides", async () => {
    const output = "Run:\n```sh\nnpm i\n```\nthen\n```js\nf(1)\n```"
    assert.strictEqual((await grade("js", output, "```javascript\nf( 1 );\n```")).score, 1)
    assert.strictEqual((await grade("js", "```\nf(1)\n```", "f(1)")).score, 1)
  })

  it("compares with the expected code where there is some", async () => {
    assert.strictEqual((await grade("js", "f(1)", "f(2)", "f(1);")).score, 1)
    assert.strictEqual((await grade("js", "f(1)", "f(1)", "f(2)")).score, 0)
  })

  it("scores 0 for code that cannot be parsed, with the parser's message", async () => {
    const { score, why } = await grade("js", "const a = ;", "const a = 1")
    assert.strictEqual(score, 0)
    assert.match(why, /^the output cannot be parsed: Unexpected token.* \(1:11\)$/)
  })

  it("gives no score where there is nothing right to compare with", async () => {
    const broken = await grade("js", "a()", "I cannot write that.")
    assert.strictEqual(broken.score, null)
    assert.match(broken.why, /^the original cannot be parsed: /)
    assert.strictEqual((await grade("js", "a()", "")).score, null)
    assert.match((await grade("js", "a()", "a()", "a(")).why, /^the expected answer cannot be parsed: /)
  })

  it("names the first line that differs", async () => {
    const { why } = await grade("js", "f(1); g(2); h(3)", "f(1); g(1); h(3)")
    assert.strictEqual(why, 'line 2, formatted, is "g(2);" instead of "g(1);"')
    assert.strictEqual(
      (await grade("js", "f(1)", "f(1); g(1)")).why,
      'line 2, formatted, is the end instead of "g(1);"'
    )
  })
})
