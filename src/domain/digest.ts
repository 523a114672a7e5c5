import { createHash } from "node:crypto"

import canonicalize from "canonicalize"

/** SHA-256, lower-case hex, of the canonical JSON (RFC 8785) of a value. Keys whose value is `undefined` do not count. */
export const digestOf = (value: unknown): string => digestOfText(canonicalize(value) ?? "null")

/** SHA-256, lower-case hex, of a text's UTF-8 bytes. */
export const digestOfText = (text: string): string => createHash("sha256").update(text).digest("hex")
