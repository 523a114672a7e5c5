import type { Importer, Sample } from "./contract.ts"
import { objectIn } from "./json.ts"
import { knownFormatOf } from "./known.ts"
import { importers } from "./registry.ts"

/** What a file turned out to be. */
export type Sniffed =
  | { readonly _tag: "Importer"; readonly importer: Importer }
  /** Cannot be imported: why, and the mend; `known` where its format has a name. */
  | { readonly _tag: "Unread"; readonly reason: string; readonly mend: string; readonly known: boolean }

const readable = () => importers.map((importer) => `${importer.id} (${importer.about})`).join(", ")

/** Decides by the first objects of a file who reads it. */
export const sniff = (sample: Sample): Sniffed => {
  const importer = importers.find((one) => one.sniff(sample))
  if (importer !== undefined) return { _tag: "Importer", importer }
  const known = knownFormatOf(sample)
  if (known !== undefined)
    return {
      _tag: "Unread",
      reason: `this is ${known.name}, which is not read yet`,
      mend: `What is read: ${readable()}.`,
      known: true
    }
  const first = sample.first.map(objectIn).find((object) => object !== undefined)
  const keys = Object.keys(first ?? {}).slice(0, 8)
  return {
    _tag: "Unread",
    reason:
      first === undefined
        ? "the file holds no JSON object in its first lines"
        : `the file is in no format that is known; its first object has the keys ${keys.join(", ") || "(none)"}`,
    mend: `${first === undefined ? "" : "If its rows hold calls, tell with --mapping FILE where they keep request and response (JSON pointers). "}What is read: ${readable()}. Say which with --format if it is one of them.`,
    known: false
  }
}
