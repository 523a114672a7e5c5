import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const flag = (value: boolean) => Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

/** The options that say what of a text does not count when texts are compared. */
export const normalisation = {
  /** White space at both ends does not count. Default true. */
  trim: flag(true),
  caseInsensitive: flag(false),
  /** Any run of white space counts as one space. Default false. */
  collapseWhitespace: flag(false),
  /** Punctuation does not count, in any script; symbols such as `+`, `$` and `%` do: of `-5` the minus is punctuation. Default false. */
  ignorePunctuation: flag(false),
  /** Compatible characters are the same: full width, ligatures, superscripts (Unicode NFKC). Default false: composed and decomposed accents differ too. */
  unicode: flag(false)
}
const Normalisation = Schema.Struct(normalisation)

/** What brings texts that count as equal to one form. */
export const normalOf =
  (options: typeof Normalisation.Type) =>
  (text: string): string => {
    let normal = options.unicode ? text.normalize("NFKC") : text
    if (options.caseInsensitive) normal = normal.toLowerCase()
    if (options.ignorePunctuation) normal = normal.replace(/\p{P}/gu, "")
    if (options.collapseWhitespace) normal = normal.replace(/\s+/gu, " ")
    return options.trim ? normal.trim() : normal
  }
