import * as Schema from "effect/Schema"
import { SaxesParser } from "saxes"

import { check } from "./contract.ts"
import { codeIn } from "./fence.ts"

/** The first fault of an XML document, with its line and column; `undefined`: it is well-formed. */
const faultOf = (text: string): string | undefined => {
  const parser = new SaxesParser({ xmlns: true })
  let first: string | undefined
  parser.on("error", ({ message }) => {
    first ??= message
  })
  parser.write(text).close()
  return first
}

/**
 * Passes when the output is one well-formed XML document (XML 1.0 with namespaces): its first fenced block, else the whole text. It is not
 * checked against a schema; entities that a document type declares count as undefined.
 */
export const xml = check({
  id: "xml",
  about: "the text, or its fenced block, is well-formed XML",
  options: Schema.Struct({}),
  make: () => (input) => {
    const fault = faultOf(codeIn(input.output.text, ["xml", "svg", "xhtml"]).trim())
    return fault === undefined
      ? { pass: true, message: "well-formed" }
      : { pass: false, message: `The XML is not well-formed (line:column): ${fault}` }
  }
})
