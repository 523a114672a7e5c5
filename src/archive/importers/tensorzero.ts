import type { Found, Importer, Line, Session } from "../contract.ts"
import type { JsonObject } from "../json.ts"
import { objectIn, textIn } from "../json.ts"
import { Waiting, weightOf } from "../spans/waiting.ts"
import { demonstrationIn, type Feedback, feedbackIn, verdictsOf } from "./tensorzero/feedback.ts"
import { callsOf, type Inference, type Meta, metaOf, type Placed } from "./tensorzero/inference.ts"
import { isTelling, kindOfRow, pageOf } from "./tensorzero/rows.ts"
import { Chain } from "./wires/chain.ts"

/** How deep documents may hold documents. */
const deepest = 2
/** Inferences of which labels are remembered, for models' rows that come long after: some 500 bytes each. */
const most = 200_000

const datapoint =
  "a datapoint of a dataset: an example, perhaps with the answer it should have; no model was called for it (export ModelInference, or give the examples as references of a suite)"

/** One import: the rows of an inference wait for each other. */
class Import implements Session {
  readonly #chain = new Chain()
  readonly #metas = new Map<string, Meta>()
  readonly #inferences = new Set<string>()
  readonly #episodes = new Set<string>()
  readonly #feedback: Array<Feedback> = []
  readonly #waiting = new Waiting<Inference>(
    () => ({ row: undefined, meta: undefined, models: [] }),
    (id, inference) => {
      const meta = inference.meta ?? this.#metas.get(id)
      return callsOf(id, { ...inference, meta }, this.#chain)
    }
  )

  open(file: string) {
    return {
      line: (line: Line): ReadonlyArray<Found> =>
        "error" in line
          ? [{ _tag: "Skip", line: line.line, reason: line.error }]
          : this.#read(file, line.line, line.json, deepest),
      end: () => []
    }
  }

  end(): ReadonlyArray<Found> {
    const known = {
      isInference: (id: string) => this.#inferences.has(id),
      isEpisode: (id: string) => this.#episodes.has(id)
    }
    return [...this.#waiting.end(), ...this.#feedback.flatMap((one) => verdictsOf(one, known))]
  }

  #read(file: string, line: number, json: unknown, depth: number): ReadonlyArray<Found> {
    const row = objectIn(json)
    if (row === undefined || depth === 0) return [{ _tag: "Skip", line, reason: "not a JSON object" }]
    switch (kindOfRow(row)) {
      case "page":
        return (pageOf(row) ?? []).flatMap((one) => this.#read(file, line, one, depth - 1))
      case "model":
        return this.#model({ file, line, row })
      case "inference":
        return this.#inference({ file, line, row })
      case "feedback":
        return this.#told(feedbackIn(row), "TensorZero feedback")
      case "demonstration":
        return this.#told(demonstrationIn(row), "TensorZero demonstration")
      case "datapoint":
        return [{ _tag: "Skip", line, reason: datapoint }]
      case "batch":
        return [{ _tag: "Other", type: "TensorZero batch request" }]
      default:
        return [{ _tag: "Other", type: "TensorZero row of another table" }]
    }
  }

  #told(feedback: Feedback | undefined, type: string): ReadonlyArray<Found> {
    if (feedback === undefined) return [{ _tag: "Other", type: `${type} without a value` }]
    this.#feedback.push(feedback)
    return [{ _tag: "Other", type }]
  }

  #remember(id: string, row: JsonObject): void {
    this.#inferences.add(id)
    const episode = textIn(row["episode_id"])
    if (episode !== undefined) this.#episodes.add(episode)
  }

  #model(placed: Placed): ReadonlyArray<Found> {
    const id = textIn(placed.row["inference_id"])
    if (id === undefined)
      return [{ _tag: "Skip", line: placed.line, reason: "a row of ModelInference that names no inference" }]
    this.#remember(id, placed.row)
    const own = textIn(placed.row["id"])
    const found: Array<Found> = []
    const settled = this.#waiting.add(id, weightOf(placed.row), ({ models }) => {
      if (own !== undefined && models.some(({ row }) => textIn(row["id"]) === own))
        found.push({ _tag: "Duplicate", line: placed.line, rule: "the same row of ModelInference" })
      else models.push(placed)
    })
    return [...found, ...settled]
  }

  #inference(placed: Placed): ReadonlyArray<Found> {
    const id = textIn(placed.row["id"]) ?? textIn(placed.row["inference_id"])
    if (id === undefined) return [{ _tag: "Skip", line: placed.line, reason: "an inference without an id" }]
    this.#remember(id, placed.row)
    const meta = metaOf(placed.row)
    this.#metas.set(id, meta)
    if (this.#metas.size > most)
      for (const oldest of this.#metas.keys()) {
        this.#metas.delete(oldest)
        break
      }
    const found: Array<Found> = []
    const settled = this.#waiting.add(id, weightOf(placed.row), (inference) => {
      if (inference.row !== undefined)
        found.push({ _tag: "Duplicate", line: placed.line, rule: "the same row of an inference" })
      else {
        inference.row = placed
        inference.meta = meta
      }
    })
    return [...found, ...settled]
  }
}

/**
 * TensorZero's tables as ClickHouse exports them: the calls of ModelInference by their raw bodies, with function, variant, episode and tags of
 * ChatInference and JsonInference where these are imported too, else those alone; feedback becomes signals of the inference or the episode.
 * Datapoints of datasets are no calls.
 */
export const tensorzero: Importer = {
  id: "tensorzero",
  about: "TensorZero tables (ModelInference, ChatInference, JsonInference, feedback)",
  together: true,
  sniff: (sample) =>
    sample.first.some((value) => {
      const row = objectIn(value)
      return row !== undefined && isTelling(row)
    }),
  start: () => new Import()
}
