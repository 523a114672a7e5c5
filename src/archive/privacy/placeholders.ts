import { createHmac } from "node:crypto"

import { withoutColours } from "./colours.ts"
import type { PersonalKind } from "./personal.ts"
import { unescaped } from "./unescape.ts"

/** What stands where something was, made from an archive's key: the same value gives the same placeholder in that archive and in no other. */
export interface Placeholders {
  secret(kind: string, value: string): string
  personal(kind: PersonalKind, value: string): string
  /** Of a person's name, or of what a label knows a person by; capitals and small letters are the same. */
  person(value: string): string
}

/** True for what `person` and `personal` make of a person. */
export const isPseudonym = (value: string): boolean => /^person-[0-9a-f]{8}(?:@example\.invalid)?$/.test(value)

/** True for what is written like an e-mail address. */
export const isEmail = (value: string): boolean => /^[^@\s]+@[^@\s]+\.[A-Za-z]{2,24}$/.test(value)

/** However it was escaped and coloured, it is the same value. */
const plain = (value: string): string => withoutColours(unescaped(value))
/** However it was capitalised, and its accents written, it is the same name. */
const lowered = (value: string): string => value.normalize("NFC").toLowerCase()

export const placeholdersOf = (key: Uint8Array): Placeholders => {
  const mac = (text: string) => createHmac("sha256", key).update(text).digest()
  const hex = (text: string) => mac(text).toString("hex")
  const digits = (text: string, count: number) =>
    (mac(text).readBigUInt64BE() % 10n ** BigInt(count)).toString().padStart(count, "0")
  const emailOf = (value: string) => `person-${hex(`email\n${value.toLowerCase()}`).slice(0, 8)}@example.invalid`
  const makers: Readonly<Record<PersonalKind, (value: string) => string>> = {
    email: emailOf,
    phone: (value) => `+00 ${digits(`phone\n${value.replace(/\D/g, "").replace(/^00/, "")}`, 10)}`,
    card: (value) => `0000${digits(`card\n${value.replace(/\D/g, "")}`, 12)}`,
    ip: (value) => {
      const bytes = mac(`ip\n${value.toLowerCase()}`)
      return value.includes(":")
        ? `2001:db8:${bytes.toString("hex", 0, 2)}:${bytes.toString("hex", 2, 4)}::1`
        : `240.${bytes[0]}.${bytes[1]}.${bytes[2]}`
    }
  }
  return {
    secret: (kind, value) => `[secret:${kind}:${hex(plain(value)).slice(0, 8)}]`,
    personal: (kind, value) => makers[kind](plain(value)),
    person: (value) => (isEmail(value) ? emailOf(value) : `person-${hex(`name\n${lowered(value)}`).slice(0, 8)}`)
  }
}
