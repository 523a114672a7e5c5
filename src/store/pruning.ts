import { open, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"

import * as Effect from "effect/Effect"

import type { AnswerRow } from "../domain/Output.ts"
import { namesIn, onDisk, syncFolder } from "./disk.ts"
import { Home } from "./Home.ts"
import { parseLine, type RawLine, scanLines } from "./lines.ts"

/** A kept answer as it lies in the cache. */
export interface KeptAnswer {
  readonly row: AnswerRow
  /** Bytes of its line. */
  readonly bytes: number
}

/** What a line of a segment holds; `undefined`: an answer that was deleted with its case. */
const answerIn = (file: string, line: RawLine): KeptAnswer | undefined => {
  const row = parseLine(file, line) as AnswerRow // as `Answers` wrote it
  return row.key === "deleted" ? undefined : { row, bytes: line.length + 1 }
}

const segments = Effect.fnUntraced(function* () {
  const folder = (yield* Home).path("answers")
  const names = yield* onDisk(folder, () => namesIn(folder))
  return names.filter((name) => name.endsWith(".jsonl")).map((name) => join(folder, name))
})

/** Visits every answer of the cache, one at a time. */
export const eachAnswer = Effect.fn("Store.eachAnswer")(function* (visit: (answer: KeptAnswer) => void) {
  for (const file of yield* segments()) {
    yield* scanLines(file, (line) => {
      const answer = answerIn(file, line)
      if (answer !== undefined) visit(answer)
    })
  }
})

/** Whether the process that writes a segment, whose number stands in its name, is there still. */
const isWritten = (file: string): boolean => {
  const pid = Number(/-(\d+)-[0-9a-f]+(?:_\d+)?\.jsonl$/.exec(file)?.[1])
  if (!(pid > 0) || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return cause instanceof Error && "code" in cause && cause.code === "EPERM"
  }
}

/** Another name, that sorts where this one does: who knows places in the old file must not find others there. */
const nextName = (file: string): string => {
  const [, stem = file, turn = "0"] = /^(.*?)(?:_(\d+))?\.jsonl$/.exec(file) ?? []
  return `${stem}_${Number(turn) + 1}.jsonl`
}

/** What pruning took away. */
export interface Pruned {
  readonly answers: number
  readonly bytes: number
  /** Segments that a process is writing now; they were left as they are. */
  readonly busy: number
}

/**
 * Removes the answers that `goes` says, and gives their room back: each segment is written anew under another name, then the old one is removed. A run that
 * is going on and has read the old one's places fails with a sentence where it wants an answer of it; what it bought is kept.
 */
export const pruneAnswers = Effect.fn("Store.pruneAnswers")(function* (
  goes: (row: AnswerRow) => boolean,
  { dryRun }: { readonly dryRun: boolean }
) {
  let [answers, bytes, busy] = [0, 0, 0]
  for (const file of yield* segments()) {
    const kept: Array<{ readonly offset: number; readonly length: number }> = []
    let [gone, blank] = [0, 0]
    yield* scanLines(file, (line) => {
      const answer = answerIn(file, line)
      if (answer === undefined) blank += line.length + 1
      else if (goes(answer.row)) {
        gone++
        blank += answer.bytes
      } else kept.push({ offset: line.offset, length: line.length + 1 })
    })
    if (gone === 0) continue
    if (isWritten(file)) {
      busy++
      continue
    }
    answers += gone
    bytes += blank
    if (!dryRun) yield* onDisk(file, () => writeAnew(file, kept))
  }
  const pruned: Pruned = { answers, bytes, busy }
  return pruned
})

const writeAnew = async (
  file: string,
  kept: ReadonlyArray<{ readonly offset: number; readonly length: number }>
): Promise<void> => {
  if (kept.length > 0) {
    const from = await open(file, "r")
    const to = await open(`${nextName(file)}.part`, "w", 0o600)
    try {
      for (const { length, offset } of kept) {
        const { buffer } = await from.read(Buffer.allocUnsafe(length), 0, length, offset)
        await to.appendFile(buffer)
      }
      await to.sync()
    } finally {
      await from.close()
      await to.close()
    }
    await rename(`${nextName(file)}.part`, nextName(file))
  }
  await rm(file)
  await syncFolder(dirname(file))
}
