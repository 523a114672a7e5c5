import { digestOf } from "../../domain/digest.ts"

/** The delimiters' key: a digest of what they enclose, so that no answer can hold it and the same question has the same. 16 hex digits. */
export const fenceKey = (caseId: string, contents: ReadonlyArray<string>): string =>
  digestOf({ caseId, contents }).slice(0, 16)

/** A named piece of material between its fences; what looks like a fence inside is made harmless. */
export const fencedIn = (name: string, content: string, key: string): string => {
  const harmless = content.replace(/<{2,}(?=\s*\/?(?:BEGIN|END)\b)/gi, (marks) => "‹".repeat(marks.length))
  return `<<<BEGIN ${name} ${key}>>>\n${harmless}\n<<<END ${name} ${key}>>>`
}
