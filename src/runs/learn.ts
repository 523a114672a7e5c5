import * as Effect from "effect/Effect"

import { scrubbed } from "../archive/secrets.ts"
import type { Learner } from "../checks/contract.ts"
import { Fault } from "../domain/Fault.ts"
import type { LearntDoc } from "../domain/Trials.ts"
import type { PreparedRun } from "./prepare.ts"

/** Shows the originals of all cases to the checks that are learnt from past answers, one case at a time; without such checks nothing is read. */
export const teach = Effect.fnUntraced(function* ({
  load,
  rows,
  suite: { learners }
}: Pick<PreparedRun, "load" | "rows" | "suite">) {
  if (learners.length === 0) return
  for (const row of rows) {
    const { id, labels, original, request, slice } = yield* load(row)
    for (const learner of learners) learner.learn({ output: original, case: { id, slice, labels, request } })
  }
})

/** Fails where a check needs what this machine has not, such as a sandbox: before anything is paid for. */
export const checkNeeds = Effect.fnUntraced(function* ({ suite: { file, needs } }: Pick<PreparedRun, "suite">) {
  for (const need of needs) {
    const sentence = yield* need
    if (sentence !== undefined)
      return yield* new Fault({
        kind: "input",
        sentence,
        file,
        mend: 'Install bubblewrap, name a container\'s image (isolation), or say isolation: "none": then commands that models wrote run on this machine without a wall.'
      })
  }
})

const mark = () => "[removed: looks like a key]"

/** Texts of the archive in it, names of keys as well, without what is shaped like a key. */
const open = (value: unknown): unknown => {
  if (typeof value === "string") return scrubbed(value, mark)
  if (Array.isArray(value)) return value.map(open)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [scrubbed(key, mark), open(one)]))
}

/** What checks were taught, for documents: by check, those that were taught the same once. */
export const learntDocs = (learners: ReadonlyArray<Learner>): ReadonlyArray<LearntDoc> => {
  const docs = learners.flatMap(({ describe, use }) => {
    const slices = Object.entries(describe?.() ?? {}).map(([slice, { learnt, notJson, schema, why }]) => ({
      slice,
      learnt,
      notJson,
      ...(schema === undefined ? { why: why ?? "" } : { schema: open(schema) })
    }))
    return slices.length === 0 ? [] : [{ use, slices }]
  })
  return [...new Map(docs.map((doc) => [JSON.stringify(doc), doc])).values()]
}
