import { Fault } from "../domain/Fault.ts"
import { changeSince, chunksOf, fileFault, type OpenFile, openFile } from "./bytes.ts"
import { type Member, openZip } from "./containers/zip.ts"
import type { Found, Importer, Session } from "./contract.ts"
import { makeLines } from "./lines.ts"
import { isForeignName, lookSize, mayBeExport, mayHoldRecords } from "./looks.ts"
import { Reading, type Refusal } from "./reading.ts"
import { sniff } from "./sniff.ts"
import { isPassedOver, passedOverAs, type SourceFile } from "./walk.ts"

/** What was found in a piece of a file. */
export interface Batch {
  /** The file that is read; left out of what waited for all files. */
  readonly source?: string
  /** Where records that are skipped lie: the file, or a file in it. */
  readonly file: string
  /** The importer's id; empty where nobody reads the file. */
  readonly format: string
  readonly found: ReadonlyArray<Found>
  /** Set with a file's last piece, when it was read to its end. */
  readonly read?: OpenFile
}

/** Who reads files: the importer that the user named, else the one that is sniffed, each in its one session. */
export interface Readers {
  readonly given: Importer | undefined
  readonly sessionOf: (importer: Importer) => Session
}

const isRecord = ({ _tag }: Found) => _tag === "Call" || _tag === "Duplicate" || _tag === "Skip"

/** How many records there are among what was found. */
export const recordsIn = (found: ReadonlyArray<Found>): number =>
  found.reduce((sum, one) => sum + (isRecord(one) ? 1 : 0), 0)

type Batches = AsyncGenerator<Batch, Refusal | undefined>

/** What was found in a piece of a file as batches, each of one format, in its order; at least one. */
export const batchesIn = (
  reading: Reading,
  about: { readonly source: string; readonly file: string },
  found: ReadonlyArray<Found>
): ReadonlyArray<Batch> => {
  const batches: Array<Batch & { readonly found: Array<Found> }> = []
  for (const one of found) {
    const format = reading.formatOf(one)
    const last = batches.at(-1)
    if (last?.format === format) last.found.push(one)
    else batches.push({ ...about, format, found: [one] })
  }
  return batches.length > 0 ? batches : [{ ...about, format: reading.importer?.id ?? "", found: [] }]
}

/** Reads one stream of bytes into batches; gives why nobody reads it. */
async function* readBytes(
  reading: Reading,
  about: { readonly source: string; readonly file: string },
  bytes: AsyncIterable<Uint8Array>,
  isGrowing: () => Promise<boolean>
): Batches {
  for await (const chunk of bytes) {
    const found = reading.push(chunk)
    if (found.length > 0) yield* batchesIn(reading, about, found)
    if (reading.refusal !== undefined) return reading.refusal
  }
  const last = reading.end(await isGrowing())
  if (reading.refusal !== undefined) return reading.refusal
  yield* batchesIn(reading, about, last)
  return undefined
}

const never = () => Promise.resolve(false)

/** The files of an Inspect log that hold what its other files repeat. */
const repeated = /^(_journal\/|summaries\.json$|reductions\.json$)/
const isInspectLog = (members: ReadonlyArray<Member>) =>
  members.some(({ name }) => name === "header.json") && members.some(({ name }) => /^(samples|_journal)\//.test(name))

/** An Inspect log: one reader is given the header and then each sample. */
async function* readInspectLog(file: string, members: ReadonlyArray<Member>, readers: Readers): Batches {
  const header = members.find(({ name }) => name === "header.json")!
  const lines = makeLines()
  const first = []
  for await (const chunk of header.bytes()) first.push(...lines.push(chunk))
  first.push(...lines.end())
  const sniffed = sniff({ file, first: first.flatMap((line) => ("json" in line ? [line.json] : [])) })
  const importer = readers.given ?? (sniffed._tag === "Importer" ? sniffed.importer : undefined)
  if (importer === undefined)
    return {
      reason: sniffed._tag === "Unread" ? sniffed.reason : "",
      mend: sniffed._tag === "Unread" ? sniffed.mend : "",
      line: 1,
      early: false,
      known: sniffed._tag === "Unread" && sniffed.known
    }
  const reader = readers.sessionOf(importer).open(file)
  const decided = { importer, reader }
  const others = members.filter(({ name }) => name !== "header.json")
  for (const member of [header, ...others.filter(({ name }) => !repeated.test(name))]) {
    const reading = new Reading({ ...readers, file, member: member.name, decided })
    yield* readBytes(reading, { source: file, file: `${file}/${member.name}` }, member.bytes(), never)
  }
  const rest = others.filter(({ name }) => repeated.test(name)).length
  const other: ReadonlyArray<Found> =
    rest === 0 ? [] : [{ _tag: "Other", type: "journal or summary of an Inspect log", count: rest }]
  yield { source: file, file, format: importer.id, found: [...reader.end(), ...other] }
  return undefined
}

/** Whether a file in a ZIP may hold records, by its first bytes. */
const mayHold = async ({ bytes, name }: Member): Promise<boolean> => {
  if (isForeignName(name)) return false
  let head = Buffer.alloc(0)
  for await (const chunk of bytes()) {
    head = Buffer.concat([head, chunk])
    if (head.length >= lookSize) break
  }
  return mayHoldRecords(head)
}

/** A ZIP of exports: each file in it is read by itself, as in a folder. */
async function* readExports(file: string, members: ReadonlyArray<Member>, readers: Readers): Batches {
  const unread: Array<Fault> = []
  const other: Array<Found> = []
  let read = 0
  let known = false
  for (const member of members) {
    const { bytes, name } = member
    if (name.split("/").some(isPassedOver)) continue
    const guessed = !mayBeExport(name)
    if (guessed && !(await mayHold(member))) {
      other.push({ _tag: "Other", type: passedOverAs(name) })
      continue
    }
    const path = `${file}/${name}`
    const reading = new Reading({ ...readers, file: path, member: name })
    const refusal = yield* readBytes(reading, { source: file, file: path }, bytes(), never)
    if (refusal === undefined) read += 1
    else if (guessed && !refusal.known) other.push({ _tag: "Other", type: passedOverAs(name) })
    else {
      unread.push(faultOf(path, refusal))
      known ||= refusal.known
    }
  }
  const [first] = unread
  if (read === 0)
    return {
      reason:
        first === undefined
          ? "there is no file in this ZIP that could be an export"
          : `none of the files in this ZIP can be read; ${first.file}: ${first.sentence}`,
      mend: first?.mend ?? "Give a ZIP of exports in JSON or JSON lines.",
      line: 1,
      early: false,
      known
    }
  yield { source: file, file, format: "", found: other }
  for (const fault of unread) yield skipOf(fault, file)
  return undefined
}

async function* readZip(opened: OpenFile, readers: Readers): Batches {
  const zip = await openZip(opened.file)
  try {
    return yield* (isInspectLog(zip.members) ? readInspectLog : readExports)(opened.file, zip.members, readers)
  } finally {
    zip.close()
  }
}

const faultOf = (file: string, { line, mend, reason }: Refusal) =>
  new Fault({ kind: "input", file, line, sentence: reason, mend })

/** Unpacks a file to its end and keeps nothing. Throws where it is cut off or damaged. */
const verify = async (opened: OpenFile): Promise<void> => {
  const drain = async (bytes: AsyncIterable<Uint8Array>) => {
    for await (const _ of bytes);
  }
  if (opened.packing !== "zip") return drain(chunksOf(opened))
  const zip = await openZip(opened.file)
  try {
    for (const member of zip.members) await drain(member.bytes())
  } finally {
    zip.close()
  }
}

const isGrowing = async (opened: OpenFile) => opened.packing === undefined && (await changeSince(opened)) === "grown"

async function* counted(batches: Batches, count: (found: ReadonlyArray<Found>) => void): Batches {
  try {
    let next = await batches.next()
    for (; next.done !== true; next = await batches.next()) {
      count(next.value.found)
      yield next.value
    }
    return next.value
  } finally {
    await batches.return(undefined)
  }
}

/** A fault of a file that was named, once it has been opened: with it the import ends, so nothing of it counts. */
const ending = (fault: Fault, records: number) =>
  new Fault({
    ...fault,
    sentence: `${fault.sentence} (${records} records could be read before that); nothing was imported`
  })

/**
 * Reads a file in batches, in order, as many bytes as it has now. One that cannot be read, or that nobody reads, throws a `Fault` when the
 * user named it; in a folder it becomes a skip. A packed file in a folder is unpacked once to its end before anything of it is
 * given, so that of one which is cut off nothing is. A file that was shortened or replaced meanwhile is such a file too; of one that has
 * grown the last record may be unfinished, which is no skip.
 */
export async function* batchesOf({ file, guessed, named }: SourceFile, readers: Readers): AsyncGenerator<Batch> {
  let records: number | undefined
  let refusal: Refusal | undefined
  try {
    const opened = await openFile(file)
    if (!named && opened.packing !== undefined) await verify(opened)
    const batches =
      opened.packing === "zip"
        ? readZip(opened, readers)
        : readBytes(new Reading({ file, ...readers }), { source: file, file }, chunksOf(opened), () =>
            isGrowing(opened)
          )
    records = 0
    refusal = yield* counted(batches, (found) => {
      records = (records ?? 0) + recordsIn(found)
    })
    if (refusal === undefined) {
      if ((await changeSince(opened)) === "changed")
        throw new Fault({
          kind: "input",
          file,
          sentence: "was shortened, replaced or written over while it was read",
          mend: "Import it again when nobody writes it."
        })
      yield { source: file, file, format: "", found: [], read: opened }
    }
  } catch (cause) {
    const fault = fileFault(file, cause)
    if (named) throw records === undefined ? fault : ending(fault, records)
    yield skipOf(fault, file)
  }
  if (refusal === undefined) return
  if (named) throw faultOf(file, refusal)
  yield refused({ file, ...(guessed === undefined ? {} : { guessed }) }, refusal)
}

/** A file in a folder that nobody reads: a skip, or passed over where its name never spoke for it and its format has none. */
export const refused = ({ file, guessed }: Pick<SourceFile, "file" | "guessed">, refusal: Refusal): Batch =>
  guessed === true && !refusal.known
    ? { source: file, file, format: "", found: [{ _tag: "Other", type: passedOverAs(file) }] }
    : skipOf(faultOf(file, refusal), file)

/** A file that is not read, as a skip. */
export const skipOf = (fault: Fault, source: string): Batch => ({
  source,
  file: fault.file ?? source,
  format: "",
  found: [{ _tag: "Skip", line: fault.line ?? 1, reason: fault.sentence }]
})

/** Batches in groups of so many records at least, for whoever looks for secrets does so in many texts at once. */
export async function* grouped(batches: AsyncIterable<Batch>, records: number): AsyncGenerator<ReadonlyArray<Batch>> {
  let group: Array<Batch> = []
  let held = 0
  for await (const batch of batches) {
    group.push(batch)
    held += batch.found.length
    if (held < records) continue
    yield group
    group = []
    held = 0
  }
  if (group.length > 0) yield group
}
