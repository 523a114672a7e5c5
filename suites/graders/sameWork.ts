import { isDeepStrictEqual } from "node:util"

import { defineGrader } from "@understudy/harness"

/** Fields of the desk's JSON that are prose: nobody acts on their wording. */
const prose = ["reason", "summary"]

/** The JSON object in an answer, plain or fenced, without its prose; `undefined` when there is none. */
const fieldsIn = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const parsed: unknown = JSON.parse(/^```(?:json)?\n([\s\S]*)\n```$/.exec(text.trim())?.[1] ?? text)
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined
    return Object.fromEntries(Object.entries(parsed).filter(([name]) => !prose.includes(name)))
  } catch {
    return undefined
  }
}

/** What a reply promises: its line "Resolution: …". Empty when it promises nothing. */
const resolutionIn = (text: string): string =>
  /^Resolution:(.+)$/m.exec(text)?.[1]?.trim().toLowerCase().replaceAll(/\s+/g, " ") ?? ""

const verdict = (same: boolean, why: string) => ({ score: same ? 1 : 0, why: same ? "the same work" : why })

/**
 * Does an answer do the same work as the archived one? One rule for all four tasks of the desk: where the original calls tools, the same tools
 * are called with the same arguments; where it is JSON, every field but the prose is equal; else the reply promises the same.
 */
export default defineGrader({
  id: "sameWork",
  kind: "agreement",
  grade: ({ original, output }) => {
    const calls = [original, output].map(({ toolCalls }) => toolCalls.map(({ name, arguments: args }) => [name, args]))
    if (calls.some((made) => made.length > 0))
      return verdict(
        isDeepStrictEqual(calls[0], calls[1]),
        `called ${JSON.stringify(calls[1])} instead of ${JSON.stringify(calls[0])}`
      )
    const wanted = fieldsIn(original.text)
    if (wanted === undefined) {
      const promised = resolutionIn(original.text)
      const found = resolutionIn(output.text)
      return verdict(promised === found, `promises "${found}" instead of "${promised}"`)
    }
    const fields = fieldsIn(output.text)
    if (fields === undefined) return { score: 0, why: "the answer is no JSON object" }
    const names = [...new Set([...Object.keys(wanted), ...Object.keys(fields)])]
    const wrong = names.filter((name) => !isDeepStrictEqual(wanted[name], fields[name]))
    return verdict(wrong.length === 0, `these fields differ: ${wrong.join(", ")}`)
  }
})
