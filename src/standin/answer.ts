import { chance, fingerprint, pick } from "./chance.ts"
import { writeCode } from "./code/write.ts"
import type { Content, Solved } from "./desk/Solved.ts"
import { solve } from "./desk/solve.ts"
import type { JsonObject } from "./json.ts"
import { judged } from "./judge.ts"
import type { Behaviour, Profile } from "./Profile.ts"
import type { Question } from "./Question.ts"
import { broken, padding } from "./words.ts"

/** What a simulated model says, before it is put on a wire. Tokens are integers. */
export interface Said {
  /** The same for the same model, question and draw. */
  readonly id: string
  readonly text: string
  readonly calls: ReadonlyArray<{ readonly name: string; readonly arguments: JsonObject }>
  readonly finish: "stop" | "tool_calls" | "length"
  readonly usage: {
    /** All input; `cached` and `cacheWrite` are parts of it. */
    readonly prompt: number
    readonly cached: number
    readonly cacheWrite: number
    /** All output; `reasoning` is a part of it. */
    readonly completion: number
    readonly reasoning: number
  }
}

/** One ticket in twenty-five can be read in two ways; then every model takes the other reading this often. */
const hard = { share: 1 / 25, other: 0.3 }

/** Prompt caches hold prefixes of at least 1,024 tokens, in steps of 128. */
const cache = { least: 1024, step: 128 }

const efforts: Readonly<Record<string, number>> = { none: 0, minimal: 0.1, low: 0.35, medium: 1, high: 2.2, xhigh: 4 }

/** Which answer a model gives: the right one, or one that it falls for. */
const choose = ({ behaviour, name }: Profile, solved: Solved, run: ReadonlyArray<number>): Content => {
  const { about, right, task, tempting } = solved
  const ticket = chance("ticket", about)
  if (ticket[0]! < hard.share && run[0]! < hard.other) return pick(tempting, chance("reading", task, about)[0]!)
  const own = chance("own", name, task, about)
  const always = behaviour.errors[task] * behaviour.persistence
  if (own[0]! < always) return pick(tempting, own[1]!)
  const sometimes = (behaviour.errors[task] - always) / (1 - always)
  return run[1]! < sometimes ? pick(tempting, run[2]!) : right
}

const inJson = (
  content: Extract<Content, { kind: "json" }>,
  spoilt: boolean,
  b: Behaviour,
  run: ReadonlyArray<number>
) => {
  const { field, ways } = content.note
  const whole = { ...content.fields, [field]: pick(ways, run[4]!) + padding(b.padding, run[5]!) }
  if (!spoilt) return JSON.stringify(whole)
  if (run[6]! < 0.8) return broken(JSON.stringify(whole), run[6]! / 0.8)
  const [, ...rest] = Object.entries(whole)
  return JSON.stringify(Object.fromEntries(rest))
}

const inWords = (content: Content, solved: Solved, b: Behaviour, run: ReadonlyArray<number>) => {
  if (content.kind === "json") {
    const spoilt = run[3]! < (solved.told ? 1 - b.mends : b.badJson)
    return { text: inJson(content, spoilt && b.badJson > 0, b, run), calls: [] }
  }
  if (content.kind === "call") return { text: padding(b.padding, run[5]!).trim(), calls: [content] }
  const end = content.resolution === null ? "" : `\n\nResolution: ${content.resolution}`
  return { text: `${pick(content.ways, run[4]!)}${padding(b.padding, run[5]!)}${end}`, calls: [] }
}

/** Says so where a request is none that simulated models know. */
const unknown = "This is a simulated model. It knows the tasks of the bundled sample archives and nothing else."

/** Questions that were understood lately: the same one comes once for every setup. */
const understood = new Map<string, Solved | null>()
const solved = (question: Question, digest: string) => {
  const known = understood.get(digest)
  if (known !== undefined) return known
  if (understood.size >= 5_000) understood.clear()
  const fresh = solve(question)
  understood.set(digest, fresh)
  return fresh
}

const cachedOf = (question: Question, b: Behaviour, u: number) => {
  if (question.caching === "none") return { cached: 0, cacheWrite: 0 }
  const prefix = Math.ceil(question.prefixChars * b.tokensPerChar)
  const held = prefix < cache.least ? 0 : prefix - (prefix % cache.step)
  if (u < b.cacheHit) return { cached: held, cacheWrite: 0 }
  return { cached: 0, cacheWrite: question.caching === "marked" ? held : 0 }
}

/**
 * What the model answers: a pure function of profile, question and draw, so it depends neither on time nor on the order of asking.
 * The right answer is worked out from the request's own text and then spoilt as the profile says.
 *
 * @param draw names the draw: the same question asked again under another name may be answered differently.
 */
export const answer = (profile: Profile, question: Question, digest: string, draw: string): Said => {
  const { behaviour, name } = profile
  const prompt = Math.max(1, Math.ceil(question.chars * behaviour.tokensPerChar))
  if (behaviour.constant !== undefined)
    return {
      id: "constant",
      text: behaviour.constant,
      calls: [],
      finish: "stop",
      usage: { prompt, cached: 0, cacheWrite: 0, completion: 1, reasoning: 0 }
    }
  const run = chance("run", name, digest, draw)
  const verdict = judged(profile, question, run)
  const task = verdict === null ? solved(question, digest) : null
  const said =
    verdict !== null
      ? { text: verdict, calls: [] }
      : task === null
        ? { text: writeCode(profile, question, run) ?? unknown, calls: [] }
        : inWords(choose(profile, task, run), task, behaviour, run)
  const reasoning = Math.round(
    behaviour.reasoning * (efforts[question.effort ?? "medium"] ?? 1) * (0.6 + 0.8 * run[7]!)
  )
  const chars = said.calls.reduce((sum, call) => sum + call.name.length + JSON.stringify(call.arguments).length, 0)
  const spoken = Math.max(1, Math.ceil((said.text.length + chars) * behaviour.tokensPerChar))
  const usage = { prompt, ...cachedOf(question, behaviour, chance("cache", name, digest, draw)[0]!) }
  const id = fingerprint([name, digest, draw].join())
  const left = (question.maxTokens ?? Number.POSITIVE_INFINITY) - reasoning
  if (spoken > left) {
    const text = said.text.slice(0, Math.max(0, Math.floor(left / behaviour.tokensPerChar)))
    const completion = question.maxTokens ?? spoken
    return {
      id,
      text,
      calls: [],
      finish: "length",
      usage: { ...usage, completion, reasoning: Math.min(reasoning, completion) }
    }
  }
  return {
    id,
    text: said.text,
    calls: said.calls.map(({ arguments: args, name: tool }) => ({ name: tool, arguments: args })),
    finish: said.calls.length > 0 ? "tool_calls" : "stop",
    usage: { ...usage, completion: spoken + reasoning, reasoning }
  }
}
