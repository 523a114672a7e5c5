import { fencesOf } from "./files.ts"

/**
 * The code in a text: the inside of its first fenced block, of the first one marked with one of `languages` where such a block is there;
 * the whole text where it has no fenced block.
 */
export const codeIn = (text: string, languages: ReadonlyArray<string> = []): string => {
  const fences = fencesOf(text)
  const marked = fences.find(({ info }) => languages.includes(info.split(/[\s:{]/)[0]?.toLowerCase() ?? ""))
  return (marked ?? fences[0])?.body ?? text
}
