import { hash } from "node:crypto"

/** Text longer than this many UTF-16 units is kept beside the lines, in a file of its own. */
export const longText = 65_536

/** Where something was taken out of a JSON value, and what it is to be again. */
export interface BlobRef {
  readonly path: ReadonlyArray<string | number>
  readonly sha256: string
  /** `text`: the string at the path. `inline`: the object at the path is `{ kind: "inline", base64 }`. */
  readonly as: "text" | "inline"
}

/** A value without its large parts. */
export interface Detached {
  readonly value: object
  readonly refs: ReadonlyArray<BlobRef>
  /** Contents by digest. */
  readonly blobs: ReadonlyMap<string, Buffer>
}

/** Whether `detach` may find something in a value, by its JSON: cheap, and never wrong when it says no. */
export const mayHoldBlobs = (json: string): boolean => json.length > longText || json.includes('"kind":"inline"')

/**
 * Takes inline binaries and long texts out of a JSON object: an inline binary becomes `{ kind: "blob", sha256, bytes }`, a long text `null`.
 * What could not be put back exactly (base64 with line breaks, text with half a surrogate pair) stays where it is. `attach` undoes it.
 */
export const detach = (value: object): Detached => {
  const refs: Array<BlobRef> = []
  const blobs = new Map<string, Buffer>()
  const keep = (bytes: Buffer, path: BlobRef["path"], as: BlobRef["as"]) => {
    const sha256 = hash("sha256", bytes)
    blobs.set(sha256, bytes)
    refs.push({ path, sha256, as })
    return sha256
  }
  const walk = (part: unknown, path: BlobRef["path"]): unknown => {
    if (typeof part === "string") {
      if (part.length <= longText || !part.isWellFormed()) return part
      keep(Buffer.from(part), path, "text")
      return null
    }
    if (typeof part !== "object" || part === null) return part
    if (Array.isArray(part)) return part.map((one, index) => walk(one, [...path, index]))
    const bytes = inlineBytes(part)
    if (bytes !== undefined) return { kind: "blob", sha256: keep(bytes, path, "inline"), bytes: bytes.length }
    return Object.fromEntries(Object.entries(part).map(([key, one]) => [key, walk(one, [...path, key])]))
  }
  return { value: walk(value, []) as object, refs, blobs }
}

const inlineBytes = (part: object): Buffer | undefined => {
  if (!("kind" in part && part.kind === "inline" && "base64" in part && typeof part.base64 === "string")) return
  if (part.base64 === "" || Object.keys(part).length !== 2) return
  const bytes = Buffer.from(part.base64, "base64")
  return bytes.toString("base64") === part.base64 ? bytes : undefined
}

/** Puts back, in place, what `detach` took out of a value that was just parsed. `read` gives a blob's bytes. */
export const attach = (value: unknown, refs: ReadonlyArray<BlobRef>, read: (sha256: string) => Buffer): void => {
  for (const { as, path, sha256 } of refs) {
    let at = value as Record<string | number, unknown>
    for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>
    const bytes = read(sha256)
    at[path.at(-1)!] = as === "text" ? bytes.toString("utf8") : { kind: "inline", base64: bytes.toString("base64") }
  }
}
