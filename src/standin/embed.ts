import { chance } from "./chance.ts"
import { type Json, type JsonObject, listOf, textOf } from "./json.ts"
import { Refused } from "./Question.ts"

/** The simulated embedding model. It answers on `/v1/embeddings` and `/api/embed` and on no other path. */
export const embeddingModel = "sim-embed"

const dimensions = 256

const places = new Map<string, number>()

const placeOf = (trigram: string): number => {
  const known = places.get(trigram)
  if (known !== undefined) return known
  const place = Math.floor(chance("embed", trigram)[0]! * dimensions)
  if (places.size < 100_000) places.set(trigram, place)
  return place
}

/**
 * The vector of a text: how often each run of three characters stands in it, hashed into 256 places, of length 1. Case and white space
 * do not matter. The same text has the same vector on every machine.
 */
export const vectorOf = (text: string): ReadonlyArray<number> => {
  const counts = new Array<number>(dimensions).fill(0)
  const padded = Array.from(` ${text.normalize("NFKC").toLowerCase().trim().replace(/\s+/g, " ")} `)
  for (let i = 0; i + 3 <= padded.length; i++) counts[placeOf(padded.slice(i, i + 3).join(""))]! += 1
  const norm = Math.hypot(...counts)
  return counts.map((count) => (norm === 0 ? 0 : count / norm))
}

/** What a request for embeddings asks. */
export interface Embedding {
  readonly model: string
  readonly texts: ReadonlyArray<string>
  /** About a quarter of the characters. */
  readonly tokens: number
}

const readTexts = (input: Json | undefined): ReadonlyArray<string> =>
  typeof input === "string" ? [input] : listOf(input).map((one) => textOf(one) ?? "")

/** Reads the body of either path. */
export const readEmbedding = (body: JsonObject): Embedding | Refused => {
  const texts = readTexts(body["input"])
  if (texts.length === 0 || texts.includes(""))
    return new Refused("'input' must be a text that is not empty, or a list of them.")
  const tokens = texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0)
  return { model: textOf(body["model"]) ?? "", texts, tokens }
}

const openaiBody = ({ model, texts, tokens }: Embedding): JsonObject => ({
  object: "list",
  data: texts.map((text, index) => ({ object: "embedding", index, embedding: vectorOf(text) })),
  model,
  usage: { prompt_tokens: tokens, total_tokens: tokens }
})

const ollamaBody = ({ model, texts, tokens }: Embedding): JsonObject => ({
  model,
  embeddings: texts.map(vectorOf),
  total_duration: 20_000_000,
  load_duration: 1_000_000,
  prompt_eval_count: tokens
})

/** How an answer is written, by the path that was asked. */
export const embeddingPaths: ReadonlyMap<string, (asked: Embedding) => JsonObject> = new Map([
  ["/v1/embeddings", openaiBody],
  ["/api/embed", ollamaBody]
])
