/**
 * Privacy at import: what is found in calls before anything of them touches the disk, what is not, and what stands in its place.
 *
 * **Secrets**, on unless they are to be kept. They are told by the rules of secretlint's recommended preset, and by rules of our own where it
 * has none or narrower ones: keys and tokens by their shape (`tokens.ts` has the list; shapes from the vendors' documents and the rules of
 * gitleaks), blocks of private keys, also those cut off at either end (`privateKeys.ts`), passwords in addresses of any scheme
 * (`addresses.ts`), and values after a telling word: Authorization, Bearer, Basic, cookies, `curl -u`, `Password=` in connection settings,
 * `password: "…"`, `API_KEY=…`, `--token …`, netrc's `login … password …` (`keywords.ts`). A value that only its name tells of has to look random,
 * or like a password: six characters and more with letters and digits, or any word where a setting has it (`DB_PASSWORD=…`, `likeness.ts`); names that
 * may be anything else (`STRIPE_KEY`, `GITHUB_PAT`) tell only in capitals, as settings are written. Elements (`<password>…</password>`), `sshpass -p`, lines of
 * `.pgpass` (`pgpass.ts`) and words for a password in other languages are read as well. Texts are looked through as they are and with JSON's escapes undone, up to three times over.
 * `[secret:KIND:HEX]` stands in their place: the first 8 hex digits of the HMAC-SHA-256 of the secret with the archive's key. Equal secrets
 * are equal placeholders in one archive; without the key nobody can try out what they stood for. Of an address or a header the
 * secret alone is replaced, the rest stays. Colours and other control sequences of terminals (`colours.ts`) are looked past, and stay around it. In labels, outcomes and errors whatever begins like a key is taken for one (`KIND` is `key`).
 *
 * **Pseudonyms**, each kind when it is asked for, made with the same key:
 *
 * | kind | found | in its place |
 * | --- | --- | --- |
 * | email | addresses, in Latin letters with their accents | `person-3fa9c1d2@example.invalid` |
 * | phone | international numbers (`+49 30 901820`, `0049 30 901820`); national ones as written in North America, France and Britain, with separators | `+00 4232462190` |
 * | card | 13 to 19 digits as the card schemes give them out, Luhn's check right, in one piece or in groups | `0000` and 12 digits |
 * | ip | IPv4 and IPv6; not `v1.2.3.4`, nor this machine's own, masks and those for documents | `240.17.3.99`, `2001:db8:3fa9:c1d2::1` |
 * | name | the values of labels that name a person (engineer, endUser, user_email, customer …), in labels and wherever they stand in any call as words of their own, in capitals or small letters | `person-3fa9c1d2` |
 *
 * A name has one pseudonym in labels, texts, paths and ids of the whole archive, so that statistics by person stay what they were. Names are known
 * from all calls that `learn` and `clean` were given, and of earlier imports by the pseudonyms that the archive has.
 *
 * Everything of a call is looked through but its id, times and prices, which hold no text: messages, tools with their schemas, parameters,
 * answers, errors, labels and their names, ids, file names, what is kept of the wire, names of fields in JSON. Arguments of tools stay
 * JSON where they were.
 *
 * **Not found**: what is packed in base64 (pictures, sounds, documents, `data:` addresses) or in percent signs; passwords shorter than six
 * characters, wordy ones outside of settings, and those that nothing announces; secrets split over several texts; hashes; examples that vendors print in their documents; names
 * of persons that no label has, and words of them where they are part of longer words or names, addresses of houses, account numbers. Values under telling names in metadata and parameters are left out
 * before, by `../secrets.ts`, whether secrets are kept or not.
 */
import * as Effect from "effect/Effect"

import type { ArchivedCall } from "../../domain/Call.ts"
import { digestOfText } from "../../domain/digest.ts"
import { messageIdentity } from "../../store/identity.ts"
import { scrubbed } from "../secrets.ts"
import { DigestSet } from "./digestSet.ts"
import { Leaves, type Marks, ShortTexts } from "./leaves.ts"
import { Persons } from "./names.ts"
import { type Part, PartMemory, partOf } from "./parts.ts"
import { isPersonal } from "./personal.ts"
import { placeholdersOf } from "./placeholders.ts"
import { scan } from "./scan.ts"
import { mapped } from "./walk.ts"

/** What pseudonyms can be had for. */
export const pseudonymKinds = ["email", "phone", "card", "ip", "name"] as const
export type PseudonymKind = (typeof pseudonymKinds)[number]

export interface CleanerOptions {
  /** Of the archive, kept beside it and told to nobody: placeholders are made with it. 32 random bytes. */
  readonly key: Uint8Array
  /** Whether secrets are looked for. */
  readonly secrets: boolean
  readonly pseudonyms: ReadonlyArray<PseudonymKind>
  /** Pseudonyms of persons whom the archive has already: their names are known again. */
  readonly persons?: ReadonlyArray<string>
  /**
   * True for the digest of a message that the archive holds already; it is not looked through again. Only for an archive whose imports
   * were all cleaned in the same way.
   */
  readonly isKnown?: (messageDigest: string) => boolean
}

export interface Cleaner {
  /** Learns what persons are called from the labels of a call, before it or others are cleaned: names are replaced from then on. */
  learn(labels: ArchivedCall["labels"]): void
  /** The calls in their order, cleaned; one in which nothing was found is the same object. */
  clean(calls: ReadonlyArray<ArchivedCall>): Promise<ReadonlyArray<ArchivedCall>>
  /** Any other text that is kept: a skip's file and reason, a verdict's comment, the id it is about. It counts as kept unless `isStored` is false. */
  cleanText(text: string, isStored?: boolean): Promise<string>
  /** Tells that a call that `clean` gave is kept: what was replaced in it counts. */
  stored(call: ArchivedCall): void
  /** How many different values were replaced so far in what is kept, by kind. */
  counts(): Readonly<Record<string, number>>
  /** The part of the time since the cleaner was made in which it has worked, 0 to 1. */
  share(): number
}

/** What stands in a call beside its messages and tools and may hold text of somebody. */
type Rest = Pick<
  ArchivedCall,
  "request" | "response" | "usage" | "provenance" | "grouping" | "labels" | "signals" | "fidelity"
>

const restOf = ({ fidelity, grouping, labels, provenance, request, response, signals, usage }: ArchivedCall): Rest => ({
  request: { ...request, messages: [], tools: null },
  response,
  usage,
  provenance,
  grouping,
  labels,
  signals,
  fidelity
})

/** A call taken apart. Of a message that was looked through before, `before` is another object of the same content. */
interface Plan {
  readonly call: ArchivedCall
  readonly messages: ReadonlyArray<Part<ArchivedCall["request"]["messages"][number]>>
  readonly tools: Part<ArchivedCall["request"]["tools"]>
  readonly rest: Part<Rest>
}

/** The part's content as it is to be: the given object itself where nothing changed. */
const contentOf = <A>(part: Part<A>, given: A): A => (part.after === part.before ? given : part.after)

const cleanerOf = (options: CleanerOptions): Cleaner => {
  const began = performance.now()
  let worked = 0
  const placeholders = placeholdersOf(options.key)
  const sought = { secrets: options.secrets, personal: options.pseudonyms.filter(isPersonal) }
  const looks = sought.secrets || sought.personal.length > 0
  const persons = options.pseudonyms.includes("name") ? new Persons(placeholders, options.persons) : undefined
  const short = new ShortTexts()
  const memory = new PartMemory()
  const namedMemory = new PartMemory()
  const counted = new DigestSet()
  const counts = new Map<string, number>()
  /** What was put into the calls that were changed. */
  const marked = new WeakMap<ArchivedCall, Marks>()

  const tell = (marks: Marks) => {
    for (const [mark, kind] of marks) {
      const digest = digestOfText(mark)
      if (counted.has(digest)) continue
      counted.add(digest)
      counts.set(kind, (counts.get(kind) ?? 0) + 1)
    }
  }

  /** The part as it is known; one that is not waits to be looked through. Equal keys are of equal content, and so of one type. */
  const known = <A>(waiting: Map<string, Part>, key: string, value: A, isClean = false): Part<A> => {
    const there = waiting.get(key) ?? memory.changed(key)
    if (there !== undefined) return there as Part<A>
    const part = partOf(key, value)
    if (!isClean && !memory.isUnchanged(key)) waiting.set(key, part)
    return part
  }

  const lookThrough = async (parts: ReadonlyArray<Part>) => {
    const leaves = new Leaves(short)
    for (const { before } of parts) mapped(before, leaves.gather)
    const dirty = leaves.found(await scan(leaves.all, sought), placeholders)
    for (const part of parts) {
      if (dirty) part.after = mapped(part.before, leaves.putBack(part.marks))
      memory.keep(part)
    }
  }

  /** In labels, outcomes and errors a text shaped like a key is one, be it short or made of words: those that people give out themselves. */
  const strike = (part: Part<Rest>) => {
    const marks: Marks = new Map()
    const visit = (text: string) =>
      scrubbed(text, (key) => {
        const mark = placeholders.secret("key", key)
        marks.set(mark, "key")
        return mark
      })
    const { labels, response, signals } = part.after
    const struck = mapped({ labels, signals, error: response.error }, visit)
    if (marks.size === 0) return
    const { error } = struck
    part.after = {
      ...part.after,
      labels: struck.labels,
      signals: struck.signals,
      response: { ...response, ...(error === undefined ? {} : { error }) }
    }
    for (const [mark, kind] of marks) part.marks.set(mark, kind)
  }

  const named = <A>(key: string | undefined, value: A, persons: Persons): Part<A> => {
    const part = partOf(key === undefined ? undefined : digestOfText(`${key} ${persons.count}`), value)
    if (part.key !== undefined) {
      if (namedMemory.isUnchanged(part.key)) return part
      const there = namedMemory.changed(part.key)
      if (there !== undefined) return there as Part<A>
    }
    part.after = mapped(value, (text) => persons.replace(text, part.marks))
    namedMemory.keep(part)
    return part
  }

  const assemble = ({ call, messages, rest, tools }: Plan): ArchivedCall => {
    const marks: Marks = new Map([...messages, tools, rest].flatMap((part) => [...part.marks]))
    const people = persons?.labels(call.labels) ?? {}
    const whole = <A>(part: Part<A>, given: A): A => {
      const content = contentOf(part, given)
      if (persons === undefined) return content
      const twice = named(part.key, content, persons)
      for (const [mark, kind] of twice.marks) marks.set(mark, kind)
      return contentOf(twice, content)
    }
    const asked = messages.map((part, at) => whole(part, call.request.messages[at]!))
    const offered = whole(tools, call.request.tools)
    const beside = whole(rest, rest.before)
    const sameLabels = Object.keys(people).length === 0
    const same = asked.every((message, at) => message === call.request.messages[at]) && offered === call.request.tools
    if (same && sameLabels && beside === rest.before) return call
    for (const label of Object.values(people)) marks.set(label, "name")
    const secrets = [...marks.values()].filter((kind) => !isPersonal(kind) && kind !== "name").length
    const notes = notesOf(secrets, marks.size - secrets)
    const { fidelity, labels, provenance, request } = beside
    const removed = (call.provenance.secretsRemoved ?? 0) + secrets
    const changed: ArchivedCall = {
      ...call,
      ...beside,
      request: { ...request, messages: asked, tools: offered },
      labels: { ...labels, ...people },
      provenance: { ...provenance, ...(removed === 0 ? {} : { secretsRemoved: removed }) },
      fidelity: { ...fidelity, notes: [...fidelity.notes, ...notes] }
    }
    if (marks.size > 0) marked.set(changed, marks)
    return changed
  }

  const clean = async (calls: ReadonlyArray<ArchivedCall>) => {
    for (const { labels } of calls) persons?.learn(labels)
    const waiting = new Map<string, Part>()
    const alone: Array<Part<Rest>> = []
    const plans = calls.map((call): Plan => {
      const rest = partOf(undefined, restOf(call))
      alone.push(rest)
      const { messages, tools } = call.request
      return {
        call,
        messages: messages.map((message) => {
          const { digest } = messageIdentity(message)
          return known(waiting, digest, message, options.isKnown?.(digest))
        }),
        tools: known(waiting, digestOfText(JSON.stringify(tools)), tools, tools === null || tools.length === 0),
        rest
      }
    })
    if (looks) await lookThrough([...waiting.values(), ...alone])
    if (sought.secrets) for (const rest of alone) strike(rest)
    return plans.map(assemble)
  }

  const timed = async <A>(work: () => Promise<A>): Promise<A> => {
    const start = performance.now()
    try {
      return await work()
    } finally {
      worked += performance.now() - start
    }
  }

  const cleanText = async (given: string, isStored: boolean) => {
    const part = partOf(undefined, given)
    if (looks) await lookThrough([part])
    const text = persons?.replace(part.after, part.marks) ?? part.after
    if (isStored) tell(part.marks)
    return text
  }

  return {
    learn: (labels) => persons?.learn(labels),
    clean: async (calls) => (looks || persons !== undefined ? timed(() => clean(calls)) : calls),
    cleanText: async (text, isStored = true) =>
      looks || persons !== undefined ? timed(() => cleanText(text, isStored)) : text,
    stored: (call) => tell(marked.get(call) ?? new Map()),
    counts: () => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
    share: () => worked / Math.max(1, performance.now() - began)
  }
}

/** What a user is told of a call that is no longer as it was. */
const notesOf = (secrets: number, personal: number): ReadonlyArray<string> => [
  ...(secrets === 0
    ? []
    : [secrets === 1 ? "1 secret was replaced by a placeholder" : `${secrets} secrets were replaced by placeholders`]),
  ...(personal === 0
    ? []
    : [
        personal === 1
          ? "1 personal value was replaced by a pseudonym"
          : `${personal} personal values were replaced by pseudonyms`
      ])
]

/** A cleaner for one archive. It remembers what it has seen and keeps nothing open. */
export const makeCleaner = (options: CleanerOptions): Effect.Effect<Cleaner> => Effect.sync(() => cleanerOf(options))
