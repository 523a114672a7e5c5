import { hash } from "node:crypto"

/**
 * Eight numbers in [0,1) that depend on the parts alone: the 32-bit words of their SHA-256.
 * The same parts give the same numbers on every machine, in any order of asking.
 */
export const chance = (...parts: ReadonlyArray<string>): ReadonlyArray<number> => {
  const bytes = hash("sha256", parts.join("\u0000"), "buffer")
  return Array.from({ length: 8 }, (_, i) => bytes.readUInt32BE(i * 4) / 2 ** 32)
}

/** A short fingerprint of a text: 22 characters, 128 bits of its SHA-256. */
export const fingerprint = (text: string): string => hash("sha256", text, "base64url").slice(0, 22)

/** The member of a non-empty list at `u` in [0,1). */
export const pick = <A>(list: ReadonlyArray<A>, u: number): A => list[Math.floor(u * list.length)]!
