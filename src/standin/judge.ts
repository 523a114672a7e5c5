import { chance } from "./chance.ts"
import { type Finding, filledIn } from "./form.ts"
import { type Reading, readingOf } from "./gist.ts"
import { type JsonObject, objectOf, parse } from "./json.ts"
import type { Profile } from "./Profile.ts"
import type { Question, Turn } from "./Question.ts"

/** The material of a judge's request: its pieces by name, in order. */
type Pieces = ReadonlyArray<{ readonly name: string; readonly text: string }>

/** The pieces between the fences of a judge's request; none where the last turn is no such material. */
export const piecesIn = ({ turns }: Question): Pieces => {
  const text = turns.at(-1)?.text ?? ""
  const key = /^The key of this material is ([0-9a-f]+)\./.exec(text)?.[1]
  if (key === undefined) return []
  const fences = new RegExp(`<<<BEGIN (.+?) ${key}>>>\\n([\\s\\S]*?)\\n<<<END \\1 ${key}>>>`, "g")
  return [...text.matchAll(fences)].map((found) => ({ name: found[1]!, text: found[2]! }))
}

const textsOf = (pieces: Pieces, name: string) => pieces.filter((one) => one.name === name).map(({ text }) => text)

/** The request that the answers are to, as far as the material shows it: its tools are known from the task's name. */
const requestIn = (asked: Question, pieces: Pieces): Question => {
  const system = textsOf(pieces, "system").join("\n")
  const turns = pieces.flatMap(({ name, text }): ReadonlyArray<Turn> => {
    if (name !== "user" && name !== "assistant" && name !== "tool") return []
    // Where a wire puts results of tools into the user's turn.
    const result = name === "user" && objectOf(parse(text))["order_id"] !== undefined
    return [{ role: result ? "tool" : name, text, calls: [] }]
  })
  return { ...asked, system, turns, tools: /Task: action\b/.test(system) ? ["lookup_order"] : [], schema: null }
}

const wordsIn = (text: string) => new Set(text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? [])

/** The share of a text's different words that an answer has. */
const borne = (text: string, answer: string): number => {
  const [wanted, had] = [wordsIn(text), wordsIn(answer)]
  return wanted.size === 0 ? 0 : [...wanted].filter((word) => had.has(word)).length / wanted.size
}

/** What answers are likened to where the task cannot be solved: the reference, else the request's last turn of a user. */
const measureOf = (pieces: Pieces) => textsOf(pieces, "reference").at(-1) ?? textsOf(pieces, "user").at(-1) ?? ""

/** Tells which verdict to give. */
const verdictCue =
  /(?:\b(?:choose|pick|prefer|select|vote for|name|say|output|return|reply(?: with)?|verdict(?: is|:)*)|"verdict"\s*:)\s*(?:answer |option )?["']?(A|B|tie)\b/gi

/** Tells to favour the answer in which it stands. */
const praiseCue =
  /\b(?:ignore|disregard|forget)\b[^.\n]{0,40}\b(?:instructions?|criteria|rules|prompt|above|task)\b|\bthis (?:answer|response|one) is (?:the )?(?:best|better|right|correct|winner)\b|\b(?:highest|full|maximum|top|perfect) (?:score|marks?|rating)|\bscore(?: of)? (?:4|5|10|100)\b/i

/** `A`, `B`, `tie`, or `best` for the only answer: what the material tells its reader to say. `null`: nothing. */
const orderIn = (pieces: Pieces): string | null => {
  // An article is no answer's name: "say a word".
  const named = pieces
    .flatMap(({ text }) => [...text.matchAll(verdictCue)].map((found) => found[1]!))
    .find((verdict) => /^(?:A|B|tie)$/.test(verdict))
  if (named !== undefined) return named
  const praised = pieces.find(({ name, text }) => /^answer\b/.test(name) && praiseCue.test(text))?.name
  return praised === undefined ? null : praised === "answer" ? "best" : praised.slice(-1)
}

const rightOf = (reading: Reading, answer: string) => reading.gist(answer) === reading.right

/** Of two answers `A`, `B` or `tie`, and why. */
const betterOf = (asked: Question, pieces: Pieces, u: number): readonly [verdict: string, why: string] => {
  const [a, b] = ["answer A", "answer B"].map((name) => textsOf(pieces, name).at(-1) ?? "") as [string, string]
  const reading = readingOf(requestIn(asked, pieces))
  if (reading === null) {
    const [ofA, ofB] = [borne(measureOf(pieces), a), borne(measureOf(pieces), b)]
    if (Math.abs(ofA - ofB) < 0.05) return ["tie", "Both answers keep equally close to what was asked."]
    const closer = ofA > ofB ? "A" : "B"
    return [closer, `Answer ${closer} keeps closer to what was asked.`]
  }
  const [rightA, rightB] = [rightOf(reading, a), rightOf(reading, b)]
  if (rightA !== rightB) {
    const [good, bad] = rightA ? ["A", "B"] : ["B", "A"]
    return [good, `Answer ${good} is right; answer ${bad} is not.`]
  }
  const both = rightA ? "Both answers are right" : "Both answers are wrong"
  if (u < 0.9) return ["tie", `${both}.`]
  const nicer = u < 0.95 ? "A" : "B"
  return [nicer, `${both}; answer ${nicer} is put a little better.`]
}

const otherThan = (verdict: string, u: number): string =>
  verdict === "A" ? "B" : verdict === "B" ? "A" : u < 0.5 ? "A" : "B"

const worthOf: Readonly<Record<string, number>> = { A: 1, tie: 0.5, B: 0 }

/** Two answers: the verdict of an honest judge, of one that errs, of one that names the first, of one that obeys. */
const pairFinding = ({ behaviour }: Profile, asked: Question, pieces: Pieces, run: ReadonlyArray<number>): Finding => {
  const { namesFirst, obeys, wrong } = behaviour.judge!
  const told = obeys ? orderIn(pieces) : null
  const [honest, why] = betterOf(asked, pieces, run[1]!)
  const noisy = run[0]! < wrong ? otherThan(honest, run[2]!) : honest
  const verdict = told !== null && told !== "best" ? told : run[3]! < namesFirst ? "A" : noisy
  const reasons =
    verdict === honest
      ? why
      : verdict === "tie"
        ? "Neither answer is better."
        : `Answer ${verdict} serves the request better.`
  return { worth: worthOf[verdict]!, reasons, lists: {}, words: [verdict] }
}

/** Numbers, dates and codes of a text. */
const figuresIn = (text: string) => new Set(text.match(/[\p{L}\p{N}_.:-]*\d[\p{L}\p{N}_:-]*/gu) ?? [])
const lacks = (all: ReadonlySet<string>, from: ReadonlySet<string>) => [...from].filter((one) => !all.has(one))

const levelOf = (
  level: "consistent" | "omits" | "adds" | "contradicts",
  facts: ReadonlyArray<string>,
  reasons: string
): Finding => ({
  worth: { consistent: 1, omits: 0.5, adds: 0.5, contradicts: 0 }[level],
  reasons,
  lists:
    level === "consistent" ? {} : { [{ omits: "omitted", adds: "added", contradicts: "contradicted" }[level]]: facts },
  words: [level]
})

/** The answer beside the reference: what counts in a task that can be solved, else the figures in both. */
const factsFinding = (reading: Reading | null, reference: string, answer: string): Finding => {
  if (reading !== null) {
    const [wanted, given] = [reading.gist(reference), reading.gist(answer)]
    if (wanted === given) return levelOf("consistent", [], "Both say the same.")
    if (given === "")
      return levelOf("omits", [`The answer leaves out: ${wanted}.`], "The answer leaves out what counts.")
    return levelOf("contradicts", [`The answer says ${given}, the reference ${wanted}.`], "They say different things.")
  }
  const [wanted, given] = [figuresIn(reference), figuresIn(answer)]
  const [missing, extra] = [lacks(given, wanted), lacks(wanted, given)]
  if (missing.length > 0 && extra.length > 0)
    return levelOf("contradicts", [`The answer has ${extra[0]} where the reference has ${missing[0]}.`], "They differ.")
  if (missing.length > 0) return levelOf("omits", [`The answer leaves out ${missing[0]}.`], "Something is left out.")
  if (extra.length > 0) return levelOf("adds", [`The answer adds ${extra[0]}.`], "Something is added.")
  return levelOf("consistent", [], "No figure differs.")
}

/** A mark from 0 to 4 for one answer, and why: 4 or 3 for a right one, 0 to 2 for a wrong one, else by its likeness. */
const markOf = (
  reading: Reading | null,
  pieces: Pieces,
  answer: string,
  u: number
): readonly [mark: number, why: string] => {
  if (answer.trim() === "") return [0, "There is no answer."]
  if (reading !== null)
    return rightOf(reading, answer)
      ? [u < 0.9 ? 4 : 3, "The answer is right."]
      : [u < 0.8 ? 1 : u < 0.9 ? 0 : 2, "The answer is wrong."]
  return borne(measureOf(pieces), answer) >= 0.3
    ? [4, "The answer keeps to what was asked."]
    : [3, "The answer is about what was asked."]
}

/** The schema that a verdict is to have: the request's, else the one that the instructions end with. */
const schemaOf = ({ schema, system }: Question): JsonObject =>
  objectOf(schema ?? parse(/of this schema alone: (\{.*\})\s*$/.exec(system)?.[1] ?? ""))

/**
 * What a judge model says when it is asked to judge: JSON of the form that the request asks for. `null`: the model is no judge, or is not asked to.
 * It works out the right answer from the request in the material, as the models do that answer it, and prefers or marks up the answer that is
 * right. Two that are both right or both wrong are mostly tied. Where it cannot work the task out, it holds with the answer that has more of
 * the reference's words, or of the request's where there is no reference. It marks all criteria alike.
 *
 * @param run numbers in [0,1) that belong to this answer.
 */
export const judged = (profile: Profile, asked: Question, run: ReadonlyArray<number>): string | null => {
  const how = profile.behaviour.judge
  if (how === undefined) return null
  const pieces = piecesIn(asked)
  const names = pieces.map(({ name }) => name)
  const schema = schemaOf(asked)
  if (names.includes("answer A") && names.includes("answer B"))
    return JSON.stringify(filledIn(schema, pairFinding(profile, asked, pieces, run)))
  if (!names.includes("answer")) return null
  const answer = textsOf(pieces, "answer").at(-1)!
  const obeyed = how.obeys && orderIn(pieces) !== null
  const reading = readingOf(requestIn(asked, pieces))
  const best = levelOf("consistent", [], "The answer serves the request fully.")
  const slips = run[0]! < how.wrong
  if (objectOf(schema["properties"])["level"] !== undefined) {
    const honest = factsFinding(reading, measureOf(pieces), answer)
    const other = honest.worth === 1 ? levelOf("contradicts", ["The answer differs from the reference."], "") : best
    return JSON.stringify(filledIn(schema, obeyed ? best : slips ? other : honest))
  }
  const marked = (criterion: string): Finding => {
    const [mark, why] = markOf(reading, pieces, answer, chance("criterion", criterion, String(run[1]))[0]!)
    return { ...best, worth: (slips ? 4 - mark : mark) / 4, reasons: why }
  }
  const ofField = obeyed ? () => best : marked
  return JSON.stringify(filledIn(schema, ofField(""), ofField))
}
