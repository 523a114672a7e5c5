import { urlPasswordsIn } from "./addresses.ts"
import { denseIn } from "./dense.ts"
import type { Finding } from "./finding.ts"
import { merged } from "./finding.ts"
import { keyedIn } from "./keywords.ts"
import { pgpassIn } from "./pgpass.ts"
import { privateKeysIn } from "./privateKeys.ts"
import { tokensIn } from "./tokens.ts"

/** The secrets in a text, as they were found: some may overlap. Loads the scanner's rules when it is first called. */
export const secretsIn = async (text: string): Promise<ReadonlyArray<Finding>> => {
  const { lint } = await import("./secretlint.ts")
  const keys = privateKeysIn(text)
  const dense = denseIn(text)
  const tokens = tokensIn(dense.text)
  // The scanner compares each of its findings with all others: it gets to see what is not found yet.
  const linted = dense.text === "" ? [] : await lint(blanked(dense.text, tokens))
  const shaped = [...tokens, ...linted].map((one) => ({ ...one, start: dense.at(one.start), end: dense.at(one.end) }))
  return [...keys, ...shaped, ...urlPasswordsIn(text), ...keyedIn(text), ...pgpassIn(text)]
}

/** The text with blanks in the place of what was found. */
const blanked = (text: string, found: ReadonlyArray<Finding>): string => {
  if (found.length === 0) return text
  const pieces: Array<string> = []
  let from = 0
  for (const { end, start } of merged(found)) {
    pieces.push(text.slice(from, start), " ".repeat(end - start))
    from = end
  }
  return pieces.join("") + text.slice(from)
}
