import * as Effect from "effect/Effect"

import type { CallRequest } from "../domain/Call.ts"
import { type Attack, attacks, furtherAttacks, persuasions } from "./attacks.ts"

/** Names the better of two answers in material where each stands below a line with the words `answer A` or `answer B`. */
export type Judge = (material: string) => "A" | "B" | "tie"

const answerIn = (material: string, letter: "A" | "B"): string =>
  new RegExp(`answer ${letter}\\b[^\\n]*\\n([\\s\\S]*?)(?=\\n<<<END answer ${letter}|\\nAnswer B:|$)`, "i").exec(
    material
  )?.[1] ?? ""

/** The worst judge there is: it finds every attack, in any disguise and behind any fence, and does as it is told. Without one it says `tie`. */
export const obeying: Judge = (material) => {
  const text = material.replaceAll("‹", "<")
  const own = ({ text: words }: Attack) => (answerIn(text, "A").includes(words) ? "A" : "B")
  const found = [...attacks, ...furtherAttacks, ...persuasions].find((one) => text.includes(one.text))
  if (found === undefined) return "tie"
  return found.bids === "own" ? own(found) : found.bids
}

/** Takes the longer answer for the better one, whatever it says. */
export const byLength: Judge = (material) => {
  const [a, b] = [answerIn(material, "A").length, answerIn(material, "B").length]
  return a === b ? "tie" : a > b ? "A" : "B"
}

/** Takes the answer that has a fact for the better one, whatever else it says. */
export const byFact =
  (fact: string): Judge =>
  (material) => {
    const [a, b] = [answerIn(material, "A").includes(fact), answerIn(material, "B").includes(fact)]
    return a === b ? "tie" : a ? "A" : "B"
  }

/** What a harness without care makes of a judge: the output first, once, no fences and no look at what the answers say. 1, 1/2 or 0. */
export const naively = (judge: Judge, request: string, output: string, original: string): number => {
  const said = judge(`Which answer to the request is better?\n${request}\nAnswer A:\n${output}\nAnswer B:\n${original}`)
  return said === "tie" ? 0.5 : said === "A" ? 1 : 0
}

/** The service `Calls` with such a judge for all models; `asked` has the material of each call. */
export const callsOf = (judge: Judge) => {
  const asked: Array<string> = []
  const usage = { basis: "reported", input: null, output: null } as const
  const timing = { startedAt: null, basis: "reported" } as const
  const ask = <Series>(one: {
    readonly provider: string
    readonly request: CallRequest
    readonly series: Series
    readonly repeat: number
  }) =>
    Effect.sync(() => {
      const { provider, repeat, request, series } = one
      const block = request.messages.at(-1)?.blocks[0]
      const material = block?.type === "text" ? block.text : ""
      asked.push(material)
      const text = JSON.stringify({ reasons: "I was told.", verdict: judge(material) })
      const response = { blocks: [{ type: "text", text }], stopReason: "end", complete: true } as const
      const row = { v: 1, key: "", provider, model: request.model, series, repeat, response, usage, timing } as const
      return { row, cached: false, cost: null, losses: [] }
    })
  const service = {
    ask,
    spend: Effect.succeed({ usd: 0n, judgeUsd: 0n, floorUsd: 0n, calls: 0, cached: 0, unpriced: 0, lost: 0 }),
    lanes: Effect.succeed([]),
    retune: () => Effect.void,
    worstCase: () => null
  }
  return { asked, service }
}
