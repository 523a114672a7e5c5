import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { codeIn } from "../checks/fence.ts"
import { grader } from "./contract.ts"
import { cannotTell, referenceText, sideOf } from "./reference.ts"

interface Language {
  /** Prettier's parser; `null`: it has none. */
  readonly parser: string | null
  /** What fences are marked with. */
  readonly marks: ReadonlyArray<string>
  /** Text in which a blank line may mean something. */
  readonly blankLines: RegExp
}
const always = /(?:)/
const never = /(?!)/

const languages = {
  js: { parser: "babel", marks: ["js", "javascript", "mjs", "cjs"], blankLines: /`/ },
  jsx: { parser: "babel", marks: ["jsx", "js", "javascript"], blankLines: always },
  ts: { parser: "typescript", marks: ["ts", "typescript", "mts", "cts"], blankLines: /`/ },
  tsx: { parser: "typescript", marks: ["tsx", "ts", "typescript"], blankLines: always },
  json: { parser: "json", marks: ["json"], blankLines: never },
  css: { parser: "css", marks: ["css"], blankLines: never },
  scss: { parser: "scss", marks: ["scss"], blankLines: never },
  html: { parser: "html", marks: ["html"], blankLines: always },
  markdown: { parser: "markdown", marks: ["md", "markdown"], blankLines: always },
  yaml: { parser: "yaml", marks: ["yaml", "yml"], blankLines: always },
  graphql: { parser: "graphql", marks: ["graphql", "gql"], blankLines: /"""/ },
  other: { parser: null, marks: [], blankLines: always }
} as const satisfies Readonly<Record<string, Language>>
type Name = keyof typeof languages
const names = Object.keys(languages) as ReadonlyArray<Name>

/** What the formatter says, in one line: `Unexpected token (3:7)`. */
const faultOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).split("\n")[0]?.trim() ?? ""

/** Code in one form; fails with the parser's message. */
const formatted = async (code: string, { blankLines, parser }: Language): Promise<Result.Result<string, string>> => {
  const plain = `${code.replace(/[ \t\r]+$/gm, "").trim()}\n`
  if (parser === null) return Result.succeed(plain)
  const prettier = await import("prettier")
  try {
    const text = await prettier.format(code, { parser, objectWrap: "collapse", embeddedLanguageFormatting: "off" })
    return Result.succeed(blankLines.test(text) ? text : text.replace(/\n{2,}/g, "\n"))
  } catch (cause) {
    return Result.fail(faultOf(cause))
  }
}

const firstDifference = (reference: string, output: string): string => {
  const [right, given] = [reference.trimEnd().split("\n"), output.trimEnd().split("\n")]
  const line = right.findIndex((text, i) => text !== given[i])
  const i = line === -1 ? right.length : line
  const shown = (text: string | undefined) => (text === undefined ? "the end" : JSON.stringify(text.slice(0, 80)))
  return `line ${i + 1}, formatted, is ${shown(given[i])} instead of ${shown(right[i])}`
}

/**
 * 1 when the output's code is the expected code (else the original's) once both are formatted by Prettier: line breaks, indentation, quotes and
 * semicolons do not count, nor do blank lines where no text of the code can hold one; comments, names and order do. The code is the first fenced block
 * of the language, else the first, else the whole text. `other`, for what Prettier cannot read, Python too: line ends and white space at the ends of
 * lines do not count. Code that cannot be parsed scores 0; where the reference cannot, there is no score.
 */
export const codeEqual = grader({
  id: "codeEqual",
  kind: "comparison",
  about: "1 when the code is the same after formatting",
  options: Schema.Struct({ language: Schema.Literals(names) }),
  make({ language }) {
    const known: Language = languages[language]
    return async (input) => {
      const text = referenceText(input)
      if (Result.isFailure(text)) return cannotTell(text.failure)
      const reference = await formatted(codeIn(text.success, known.marks), known)
      if (Result.isFailure(reference)) return cannotTell(`${sideOf(input)} cannot be parsed: ${reference.failure}`)
      const output = await formatted(codeIn(input.output.text, known.marks), known)
      if (Result.isFailure(output)) return { score: 0, why: `the output cannot be parsed: ${output.failure}` }
      return reference.success === output.success
        ? { score: 1, why: `the same code as ${sideOf(input)}` }
        : { score: 0, why: firstDifference(reference.success, output.success) }
    }
  }
})
