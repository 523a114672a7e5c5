import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import type { Found, Importer, Line } from "../contract.ts"
import { eachLine } from "../contract.ts"
import { objectIn } from "../json.ts"

const decode = Schema.decodeUnknownOption(ArchivedCall)

const isOwn = (value: unknown): boolean => String(objectIn(value)?.["schema"]).startsWith("archived-call/")

const read = (line: Line): Found => {
  if ("error" in line) return { _tag: "Skip", line: line.line, reason: line.error }
  if (!isOwn(line.json)) return { _tag: "Other", type: "unknown object" }
  const call = decode(line.json)
  return Option.isNone(call)
    ? { _tag: "Skip", line: line.line, reason: "an archived call of another version, or one that was changed" }
    : { _tag: "Call", call: call.value, dedupeKey: call.value.id }
}

/** Understudy's own exports (`archive export --to jsonl`): calls as they are archived, with their ids, places and grades. */
export const understudy: Importer = {
  id: "understudy",
  about: "Understudy's own exports (archive export --to jsonl)",
  sniff: (sample) => sample.first.some(isOwn),
  start: () => eachLine((_, line) => [read(line)])
}
