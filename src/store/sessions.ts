import { open } from "node:fs/promises"
import { join } from "node:path"

import * as Effect from "effect/Effect"

import { type ArchiveFiles, pendingFile } from "./archiveFiles.ts"
import { onDisk } from "./disk.ts"
import { type RawLine, scanLines } from "./lines.ts"
import { type Member, type MemberLine, membersBefore } from "./members.ts"
import { Tail } from "./tail.ts"

/** Bytes of members' lines that are taken into memory at a time. */
const atOnce = 1 << 22
const mostParts = 256

const tailOf = (file: string, memory?: number) =>
  Effect.acquireRelease(
    onDisk(file, async () => Tail.open(file, 0, memory)),
    (tail) => Effect.sync(() => tail.close())
  )

/**
 * Visits the calls of every session that this import has added to, those that were there before among them, a session at a time; and of every one
 * whose call it has replaced, for the fuller call may be of another session. Sessions come in parts, by a hash of their names, so that a
 * part fits into memory.
 */
export const eachSession = Effect.fnUntraced(function* (
  files: ArchiveFiles,
  visit: (members: ReadonlyArray<Member>) => void
) {
  const fresh = files.pending.members
  const file = pendingFile(files.folder, "members")
  fresh.flush()
  const before = yield* tailOf(join(files.folder, "pending", "before.jsonl"))
  if (files.known.callsBefore > 0) {
    const gone = files.pending.dead
    gone.flush()
    const replaced = gone.size === 0 ? undefined : { file: pendingFile(files.folder, "dead"), longest: gone.longest }
    yield* files.duck.each(
      membersBefore({ file, longest: fresh.longest }, replaced),
      ([sessions = [], members = []]) => {
        for (const [at, session] of sessions.entries()) {
          before.add(`{"v":2,"session":${JSON.stringify(session)},"member":${members[at]}}`)
        }
      }
    )
    before.flush()
  }
  const sources = [file, join(files.folder, "pending", "before.jsonl")]
  const parts = Math.min(mostParts, Math.ceil((fresh.size + before.size) / atOnce))
  const reading = new Reading()
  for (const part of parts > 1 ? yield* split(files.folder, sources, parts) : [sources]) {
    const sessions = new Map<string, Array<Member>>()
    for (const source of part) {
      yield* onDisk(source, () =>
        reading.lines(source, (line) => {
          const { member, session } = JSON.parse(line) as MemberLine // as `members.ts` wrote it
          if (files.dead.has(member.place.offset)) return
          const same = sessions.get(session)
          if (same === undefined) sessions.set(session, [member])
          else same.push(member)
        })
      )
    }
    for (const members of sessions.values()) visit(members)
  }
}, Effect.scoped)

/** Reads small files one after the other into the same memory: what is thrown away comes back late, where it is that large. */
class Reading {
  #buffer = Buffer.allocUnsafe(atOnce)

  async lines(file: string, visit: (line: string) => void): Promise<void> {
    const handle = await open(file, "r")
    try {
      const { size } = await handle.stat()
      if (size > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(size)
      for (let at = 0; at < size; ) at += (await handle.read(this.#buffer, at, size - at, at)).bytesRead
      for (let start = 0; start < size; ) {
        const end = this.#buffer.indexOf(10, start)
        visit(this.#buffer.toString("utf8", start, end))
        start = end + 1
      }
    } finally {
      await handle.close()
    }
  }
}

/** Writes lines of members into as many files, all of one session into one. */
const split = Effect.fnUntraced(function* (folder: string, sources: ReadonlyArray<string>, parts: number) {
  const names = Array.from({ length: parts }, (_, part) => join(folder, "pending", `members-${part}.jsonl`))
  const tails = yield* Effect.forEach(names, (name) => tailOf(name, 1 << 16))
  for (const source of sources) {
    yield* scanLines(source, (line) => {
      tails[hashOfSession(line) % parts]!.add(line.buffer.subarray(line.start, line.end))
    })
  }
  for (const tail of tails) yield* onDisk(folder, async () => tail.flush())
  return names.map((name) => [name])
})

const head = '{"v":2,"session":'.length
const behind = ',"member":'

/** Of the bytes between the first key and the second: quotes in a name are written with a backslash, so that the name's end is the first such. */
const hashOfSession = ({ buffer, end, start }: RawLine): number => {
  const until = buffer.indexOf(behind, start + head)
  let hash = 0
  for (let at = start + head; at < until && at < end; at++) hash = Math.imul(hash ^ buffer[at]!, 0x9e3779b1)
  return (hash ^ (hash >>> 15)) >>> 0
}
