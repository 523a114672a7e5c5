import { digestOf } from "../domain/digest.ts"
import type { Message } from "../domain/Message.ts"
import type { ArchiveContent } from "./archiveFiles.ts"
import { addPart, type PlacePair, placeOf } from "./content.ts"
import { type Words, wordsIn } from "./digestTable.ts"
import { ensureWritten, type MessageIdentity, messageIdentity } from "./identity.ts"

/** Messages on a page of a long history. A history of no more is kept as a list. */
export const pageSize = 16

/** Places before assistant messages that are remembered of a request, from its end. */
const boundsKept = 32

/** A history as a call's line has it: the last messages, after the page that they go on from. */
export interface StoredHistory {
  readonly after?: PlacePair
  readonly messages: ReadonlyArray<PlacePair>
}

/** A page as its line has it. */
export interface StoredPage {
  readonly before?: PlacePair
  readonly messages: ReadonlyArray<PlacePair>
}

/** A list of messages, kept. */
export interface KeptHistory {
  readonly stored: StoredHistory
  /** What stands for the messages in a digest, as canonical JSON: their digests, or the last page's with those after it. */
  readonly inDigest: string
  /** Bytes of all messages, and of those up to the last assistant message; 0 where there is none. */
  readonly length: number
  readonly carried: number
  /** 53 bits of what all the messages say, and of what those before each of the last assistant messages say, in order. */
  readonly whole: number
  readonly bounds: ReadonlyArray<number>
  /** How many of the bounds stand before the last assistant messages that follow each other. */
  readonly lastRun: number
}

/** A running hash over messages. The answer that a request is one day followed by is found by the hash before it. */
class Running {
  high = 0x9e3779b9
  low = 0x7f4a7c15
  length = 0
  carried = 0
  lastRun = 0
  #answering = false

  add(role: Message["role"], { length, said }: MessageIdentity): void {
    this.high = Math.imul((this.high << 5) ^ (this.high >>> 27) ^ said.a, 0x9e3779b1)
    this.low = Math.imul((this.low << 13) ^ (this.low >>> 19) ^ said.b ^ this.high, 0x85ebca6b)
    this.length += length
    if (role === "assistant") {
      this.carried = this.length
      this.lastRun = this.#answering ? this.lastRun + 1 : 1
    }
    this.#answering = role === "assistant"
  }

  /** 53 bits. */
  get hash(): number {
    return (this.high >>> 0) * 0x20_0000 + (this.low >>> 11)
  }

  copy(): Running {
    const copy = Object.assign(new Running(), this)
    copy.#answering = this.#answering
    return copy
  }
}

/** A page that was kept, with what is known at its end. */
interface Page {
  readonly before: Page | undefined
  readonly messages: ReadonlyArray<Message>
  readonly digest: string
  readonly place: PlacePair
  readonly running: Running
  /** Hashes before the assistant messages on it. */
  readonly bounds: ReadonlyArray<number>
}

/** Keeps the messages of requests in an open archive, each once; long histories by pages, so that growing ones take linear room and time. */
export class Histories {
  readonly #files: ArchiveContent
  /** By the last message on them. */
  readonly #pages = new WeakMap<Message, Array<Page>>()

  constructor(files: ArchiveContent) {
    this.#files = files
  }

  keep(messages: ReadonlyArray<Message>): KeptHistory {
    const paged = messages.length <= pageSize ? 0 : messages.length - (messages.length % pageSize)
    let page: Page | undefined
    for (let from = 0; from < paged; from += pageSize) page = this.#page(messages, from, page)
    const running = page?.running.copy() ?? new Running()
    const rest = this.#run(messages, paged, messages.length, running)
    const digests = rest.digests.length === 0 ? "[]" : `["${rest.digests.join('","')}"]`
    return {
      stored: { ...(page === undefined ? {} : { after: page.place }), messages: rest.places },
      inDigest: page === undefined ? digests : `{"after":"${page.digest}","messages":${digests}}`,
      length: running.length,
      carried: running.carried,
      whole: running.hash,
      bounds: lastBounds(page, rest.bounds),
      lastRun: running.lastRun
    }
  }

  #page(all: ReadonlyArray<Message>, from: number, before: Page | undefined): Page {
    const last = all[from + pageSize - 1]!
    const known = this.#pages.get(last)
    const same = known?.find(
      (page) => page.before === before && page.messages.every((one, at) => one === all[from + at])
    )
    if (same !== undefined) return same
    const running = before?.running.copy() ?? new Running()
    const { bounds, digests, places } = this.#run(all, from, from + pageSize, running)
    const digest = digestOf({ before: before?.digest ?? null, messages: digests })
    const value: StoredPage = { ...(before === undefined ? {} : { before: before.place }), messages: places }
    const words = wordsIn(digest)
    const { length, offset } = placeOf(this.#files, words) ?? addPart(this.#files, "page", words, value, false)
    const messages = all.slice(from, from + pageSize)
    const page: Page = { before, messages, digest, place: [offset, length], running, bounds }
    if (known === undefined) this.#pages.set(last, [page])
    else known.push(page)
    return page
  }

  #run(all: ReadonlyArray<Message>, from: number, to: number, running: Running) {
    const digests: Array<string> = []
    const places: Array<PlacePair> = []
    const bounds: Array<number> = []
    for (let at = from; at < to; at++) {
      const message = all[at]!
      const identity = messageIdentity(message)
      const place = placeOf(this.#files, identity.words) ?? this.#add(identity.words, message)
      digests.push(identity.digest)
      places.push([place.offset, place.length])
      if (message.role === "assistant") bounds.push(running.hash)
      running.add(message.role, identity)
    }
    return { digests, places, bounds }
  }

  /** `writer` need not hold the message: its identity may have been worked out before. */
  #add(digest: Words, message: Message) {
    ensureWritten(message)
    return addPart(this.#files, "message", digest, message, true)
  }
}

const lastBounds = (page: Page | undefined, rest: ReadonlyArray<number>): ReadonlyArray<number> => {
  let bounds = rest
  for (let at = page; at !== undefined && bounds.length < boundsKept; at = at.before) bounds = [...at.bounds, ...bounds]
  return bounds.slice(-boundsKept)
}
