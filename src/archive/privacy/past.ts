import { readFile } from "node:fs/promises"
import { join } from "node:path"

import * as Effect from "effect/Effect"

import { Fault } from "../../domain/Fault.ts"
import { codeOf, onDisk, writeAtomically } from "../../store/disk.ts"
import { arrayIn, objectIn } from "../json.ts"
import { type PseudonymKind, pseudonymKinds } from "./cleaner.ts"

/** The file in an archive's folder that says how its imports were cleaned. */
export const privacyFile = "privacy.json"

/** How the imports of an archive were cleaned. */
export interface Past {
  /** Whether an import kept secrets; `null` where it is not known. */
  readonly secretsKept: boolean | null
  /** What every import replaced by pseudonyms. */
  readonly every: ReadonlyArray<PseudonymKind>
  /** What an import replaced by pseudonyms: the later ones do it too. */
  readonly some: ReadonlyArray<PseudonymKind>
}

/** Of an archive that does not say: it may hold anything. */
const notKnown: Past = { secretsKept: null, every: [], some: [] }

const kindsIn = (value: unknown): ReadonlyArray<PseudonymKind> | undefined => {
  const list = arrayIn(value)
  const kinds = pseudonymKinds.filter((kind) => list?.includes(kind))
  return list === undefined || kinds.length !== list.length ? undefined : kinds
}

const pastIn = (text: string): Past | undefined => {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined
  }
  const { every, secretsKept, some, v } = objectIn(parsed) ?? {}
  const [all, any] = [kindsIn(every), kindsIn(some)]
  if (v !== 1 || all === undefined || any === undefined || !all.every((kind) => any.includes(kind))) return undefined
  return typeof secretsKept === "boolean" || secretsKept === null ? { secretsKept, every: all, some: any } : undefined
}

/** How an archive that is there was cleaned, from its folder. Fails, kind `input`, where its file is broken. */
export const readPast = Effect.fnUntraced(function* (folder: string) {
  const file = join(folder, privacyFile)
  const text = yield* onDisk(file, () =>
    readFile(file, "utf8").catch((cause: unknown) => {
      if (codeOf(cause) === "ENOENT") return undefined
      throw cause
    })
  )
  const past = text === undefined ? notKnown : pastIn(text)
  if (past !== undefined) return past
  return yield* new Fault({
    kind: "input",
    file,
    sentence: "this does not say how the archive's imports were cleaned",
    mend: "Remove the file to go on with an archive of which that is not known (name its --pseudonyms again), or delete the archive and import again."
  })
})

/** Writes it into an archive's folder. To be done before the commit: after a crash in between the archive claims no more than is true. */
export const writePast = (folder: string, { every, secretsKept, some }: Past): Effect.Effect<void, Fault> => {
  const file = join(folder, privacyFile)
  return onDisk(file, () => writeAtomically(file, `${JSON.stringify({ v: 1, secretsKept, every, some })}\n`))
}

/** How an import is to clean. */
export interface Wish {
  readonly keepSecrets: boolean
  readonly pseudonyms: ReadonlyArray<PseudonymKind>
}

/** How it cleans an archive with that past. */
export interface Cleaning {
  /** What is replaced: what was asked for, and what earlier imports replaced. */
  readonly pseudonyms: ReadonlyArray<PseudonymKind>
  /** Those that earlier imports alone asked for. */
  readonly asBefore: ReadonlyArray<PseudonymKind>
  /** Where the archive is not cleaned alike: a sentence each, with what helps. */
  readonly warnings: ReadonlyArray<string>
  /** The archive's past with this import. */
  readonly next: Past
}

const again = "delete the archive and import again"

const warningsOf = (past: Past, { keepSecrets }: Wish, added: ReadonlyArray<PseudonymKind>): ReadonlyArray<string> => {
  const { secretsKept } = past
  return [
    ...(secretsKept === true && !keepSecrets
      ? [`Calls imported before with --keep-secrets stay as they are: ${again} to clean them.`]
      : []),
    ...(secretsKept === false && keepSecrets
      ? [
          "Earlier imports took secrets out, this one keeps them: the archive holds secrets from now on. Give it a --name of its own to keep them apart."
        ]
      : []),
    ...(secretsKept === null
      ? [
          `How the calls that are there were cleaned is not known; they stay as they are: ${again} where they may hold secrets or personal data.`
        ]
      : []),
    ...(secretsKept !== null && added.length > 0
      ? [`Calls imported before without --pseudonyms ${added.join(",")} stay as they are: ${again} to clean them.`]
      : [])
  ]
}

/** How an import cleans an archive; `past` is `undefined` where it is a new one. */
export const cleaningOf = (past: Past | undefined, wish: Wish): Cleaning => {
  const { keepSecrets } = wish
  const asked = pseudonymKinds.filter((kind) => wish.pseudonyms.includes(kind))
  if (past === undefined) {
    const next = { secretsKept: keepSecrets, every: asked, some: asked }
    return { pseudonyms: asked, asBefore: [], warnings: [], next }
  }
  const pseudonyms = pseudonymKinds.filter((kind) => asked.includes(kind) || past.some.includes(kind))
  return {
    pseudonyms,
    asBefore: pseudonyms.filter((kind) => !asked.includes(kind)),
    warnings: warningsOf(
      past,
      wish,
      pseudonyms.filter((kind) => !past.every.includes(kind))
    ),
    next: { secretsKept: keepSecrets || past.secretsKept, every: past.every, some: pseudonyms }
  }
}
