import type { BinaryRef } from "../../domain/Message.ts"

/** Splits `data:TYPE;base64,…`; `undefined` for any other address. */
export const readDataUrl = (url: string): { readonly mediaType: string; readonly base64: string } | undefined => {
  const mark = url.startsWith("data:") ? url.indexOf(";base64,") : -1
  if (mark === -1) return undefined
  const mediaType = url.slice(5, mark)
  return mediaType.includes(";") || mediaType.includes(",") ? undefined : { mediaType, base64: url.slice(mark + 8) }
}

/** The inverse of `readDataUrl`. */
export const dataUrl = (mediaType: string, base64: string): string => `data:${mediaType};base64,${base64}`

/** Why a picture, document or sound cannot be sent, for a loss. */
export const whyMissing = (source: BinaryRef): string => {
  switch (source.kind) {
    case "missing":
      return `its content was ${source.reason} when it was recorded`
    case "blob":
      return "its content was not loaded from the archive"
    case "file":
      return `it is a file that lies at ${source.provider}`
    default:
      return `the wire takes no ${source.kind === "url" ? "address" : "content"} of this kind`
  }
}
