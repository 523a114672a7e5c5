import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type DefaultTreeAdapterTypes, parse, parseFragment } from "parse5"

import { check } from "./contract.ts"
import { codeIn } from "./fence.ts"

/** Elements that have no end tag, or whose end tag may be left out (HTML Living Standard, 13.1.2). */
const open = new Set(
  "area base br col embed hr img input link meta source track wbr html head body li dt dd p rt rp optgroup option colgroup caption thead tbody tfoot tr td th".split(
    " "
  )
)
const html5 = "http://www.w3.org/1999/xhtml"
const shown = 5

interface HtmlFault {
  readonly code: string
  readonly line: number
  readonly column: number
}

/** The elements that are never closed. */
const unclosed = (node: DefaultTreeAdapterTypes.Node): ReadonlyArray<HtmlFault> => {
  const at = "attrs" in node && node.namespaceURI === html5 && !open.has(node.tagName) ? node.sourceCodeLocation : null
  const own =
    at?.startTag !== undefined && at.endTag === undefined
      ? [{ code: `unclosed-${node.nodeName}`, line: at.startLine, column: at.startCol }]
      : []
  const inside = "content" in node ? node.content.childNodes : "childNodes" in node ? node.childNodes : []
  return [...own, ...inside.flatMap(unclosed)]
}

/** The faults of an HTML text in the order of their places. */
const faultsOf = (text: string, isDocument: boolean): ReadonlyArray<HtmlFault> => {
  const faults: Array<HtmlFault> = []
  const options = {
    sourceCodeLocationInfo: true,
    onParseError: ({ code, startCol, startLine }: { code: string; startCol: number; startLine: number }) => {
      faults.push({ code, line: startLine, column: startCol })
    }
  }
  const tree = isDocument ? parse(text, options) : parseFragment(text, options)
  return [...faults, ...unclosed(tree)].sort((a, b) => a.line - b.line || a.column - b.column)
}

/**
 * Passes when the output is HTML without parse errors, by the names that the HTML standard gives them, and without an element that is never
 * closed (`unclosed-div`): its first fenced block, else the whole text. Names in `ignore` are forgiven. An end tag that closes nothing is not noticed.
 */
export const html = check({
  id: "html",
  about: "the text, or its fenced block, is HTML without parse errors",
  options: Schema.Struct({
    /** Default: a document where it begins with a doctype or `<html>`, else a fragment. */
    as: Schema.optionalKey(Schema.Literals(["document", "fragment"])),
    /** Errors that are forgiven, such as `missing-doctype`, `unclosed-div`. */
    ignore: Schema.Array(Schema.NonEmptyString).pipe(Schema.withDecodingDefaultKey(Effect.succeed([])))
  }),
  make: ({ as, ignore }) => {
    const forgiven = new Set(ignore)
    return ({ output }) => {
      const text = codeIn(output.text, ["html", "htm"]).trim()
      if (text === "") return { pass: false, message: "There is no HTML: the answer is empty" }
      const isDocument = as === undefined ? /^\s*<(?:!doctype|html)\b/i.test(text) : as === "document"
      const faults = faultsOf(text, isDocument).filter(({ code }) => !forgiven.has(code))
      if (faults.length === 0) return { pass: true, message: "no parse errors" }
      const told = faults.slice(0, shown).map(({ code, column, line }) => `${code} at line ${line}, column ${column}`)
      const more = faults.length > shown ? `; and ${faults.length - shown} more` : ""
      return { pass: false, message: `The HTML is not valid: ${told.join("; ")}${more}` }
    }
  }
})
