import { pick } from "./chance.ts"

const filler = [
  "To be thorough, every detail that was available has been taken into account before coming to this point.",
  "It may be helpful to keep in mind how these things usually go, since that puts the matter in context.",
  "That said, there are several ways of looking at it, and each of them has something to be said for it.",
  "As a general remark, clear information at an early stage tends to make the next steps easier for everybody.",
  "For the sake of completeness, the background is repeated here, although it does not change the outcome.",
  "Needless to say, this has been considered with care and with the wishes of everybody concerned in mind.",
  "In other words, what was said above holds, and the points that follow should be read in that light.",
  "Going one step further, it is worth noting that similar situations have been handled in the same way.",
  "On the whole, the picture is consistent, which makes it possible to proceed without further questions.",
  "Finally, and to sum up what has been said so far, the essentials remain as they were described."
]

/** About `count` words that say nothing, in whole sentences; `u` in [0,1) chooses where to begin and how many. */
export const padding = (count: number, u: number): string => {
  let wanted = count * (0.75 + u / 2)
  let at = Math.floor(u * filler.length)
  let text = ""
  while (wanted > 0) {
    const sentence = filler[at % filler.length]!
    text += ` ${sentence}`
    wanted -= sentence.split(" ").length
    at++
  }
  return text
}

const breaks: ReadonlyArray<(json: string) => string> = [
  (json) => json.slice(0, Math.floor(json.length * 0.8)),
  (json) => json.replace(/}$/, ",}"),
  (json) => json.replaceAll('"', "'"),
  (json) => `Sure, here is what you asked for: ${json.slice(1, -1)}`,
  (json) => json.replace(/"(\w+)":/, "$1:")
]

/** The JSON text as a careless model writes it: no JSON any more. */
export const broken = (json: string, u: number): string => pick(breaks, u)(json)
