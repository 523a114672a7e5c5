import { type Form, lastAtMost } from "./unescape.ts"

/** How the escape character is met: itself, its picture, and as programs and terminals write it. */
const lead = "(?:\\u001b|\\u241b|\\ufffd|\\\\{1,4}(?:0?33|x1[bB]|e|u001[bB]|u\\{1[bB]\\})|\\^\\[)"

/**
 * Control sequences of terminals, which colour text, move the cursor and end in a letter; the heads of those that name a window or a link, whose
 * text is looked through; and colours that a log has kept without their escape character.
 */
const sequence = new RegExp(
  [
    `(?:${lead}\\[|\\u009b)[0-9;:?<=>!]{0,40} ?[A-HJKSTXZ@\`a-fhilmnqrsu~]`,
    `${lead}\\](?:\\d{1,4};)?`,
    `${lead}[()][0-9A-Z]`,
    "\\u001b[78=>DEHMc]",
    "\\[(?:\\d{1,3}(?:;\\d{1,3}){0,9}[mK])"
  ].join("|"),
  "g"
)

/** A cheap first look. */
const hint = new RegExp(`${lead}[[\\]()78=>DEHMc]|\\u009b|\\[\\d{1,3}(?:;\\d{1,3}){0,9}[mK]`)

/** The forms of a text in the place of whose sequences `between` stands. */
const without = (form: Form, between: "" | " "): Form => {
  const pieces: Array<string> = []
  /** Of each piece between two sequences: where it begins in the new text, and where in the given one. */
  const inner: Array<number> = []
  const outer: Array<number> = []
  let length = 0
  let from = 0
  const take = (to: number) => {
    inner.push(length)
    outer.push(from)
    pieces.push(form.text.slice(from, to))
    length += to - from
  }
  for (const { 0: written, index } of form.text.matchAll(sequence)) {
    take(index)
    from = index + written.length
    if (between === "") continue
    inner.push(length)
    outer.push(index)
    pieces.push(between)
    length += between.length
  }
  take(form.text.length)
  const given = (offset: number) => {
    const piece = lastAtMost(inner, offset)
    return outer[piece]! + offset - inner[piece]!
  }
  return {
    text: pieces.join(""),
    last: form.last,
    at: (offset) => form.at(given(offset)),
    // The sequence behind the last character is no part of what ends there.
    end: (offset) => (offset === 0 ? form.end(0) : form.end(given(offset - 1) + 1))
  }
}

/**
 * The forms of a text in which what terminals read is no letter of the word beside it: without it, for words with colours in their midst; and with
 * blanks in its place, for words that stand next to it. The form itself where it holds nothing of the sort.
 */
export const uncoloured = (form: Form): ReadonlyArray<Form> =>
  hint.test(form.text) ? [without(form, ""), without(form, " ")] : [form]

/** A text without the control sequences of terminals. */
export const withoutColours = (text: string): string => (hint.test(text) ? text.replace(sequence, "") : text)
