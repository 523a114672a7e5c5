import { digestOf } from "../../../domain/digest.ts"
import { sameModel } from "../../../providers/wires/params.ts"
import { objectIn, textIn } from "../../json.ts"
import type { Input, Output } from "./halves.ts"

/** Words of a file's name that say what it is, not which batch it belongs to. */
const roles =
  /^(batch|batches|input|inputs|output|outputs|in|out|req|reqs|request|requests|res|response|responses|result|results|error|errors|jsonl|json|gz)$/

const partsOf = (file: string) => {
  const steps = file.split(/[\\/]/)
  const words = (steps.at(-1) ?? "").toLowerCase().split(/[^a-z0-9]+/)
  return {
    folder: steps.slice(0, -1).join("/"),
    words: new Set(words.filter((word) => word !== "" && !roles.test(word)))
  }
}

/** How much speaks for two files being of one batch: words in common, the same folder. */
const likeness = (a: string, b: string): number => {
  const one = partsOf(a)
  const other = partsOf(b)
  const common = [...one.words].filter((word) => other.words.has(word)).length
  return common * 2 + (one.folder === other.folder ? 1 : 0)
}

const agrees = (input: Input, output: Output): boolean => {
  const asked = textIn(input.body["model"])?.replace(/-latest$/, "")
  const answered = textIn(objectIn(output.body)?.["model"])
  return asked === undefined || answered === undefined || sameModel(answered, asked)
}

/** The best of several; `undefined` where two of different files are equally good. */
const best = <A extends { readonly file: string }>(
  candidates: ReadonlyArray<A>,
  worth: (one: A) => number
): A | undefined => {
  const ranked = candidates.map((one) => ({ one, worth: worth(one) })).sort((a, b) => b.worth - a.worth)
  const [first, second] = ranked
  if (first === undefined) return undefined
  const tied = second !== undefined && second.worth === first.worth && second.one.file !== first.one.file
  return tied ? undefined : first.one
}

const worthOf = (input: Input, output: Output) => likeness(input.file, output.file) + (agrees(input, output) ? 100 : 0)

const add = <A extends { readonly customId: string }>(waiting: Map<string, Array<A>>, one: A) => {
  const others = waiting.get(one.customId)
  if (others === undefined) waiting.set(one.customId, [one])
  else others.push(one)
}

const remove = <A extends { readonly customId: string }>(waiting: Map<string, Array<A>>, one: A) => {
  const left = (waiting.get(one.customId) ?? []).filter((other) => other !== one)
  if (left.length === 0) waiting.delete(one.customId)
  else waiting.set(one.customId, left)
}

/** A request and what came back for it. */
export interface Joined {
  readonly input: Input
  readonly output: Output
}

/** What found no other half. */
export interface Left {
  readonly joined: ReadonlyArray<Joined>
  readonly inputs: ReadonlyArray<{ readonly input: Input; readonly why: "unanswered" | "ambiguous" | "again" }>
  readonly outputs: ReadonlyArray<{ readonly output: Output; readonly why: "alone" | "superseded" }>
}

/**
 * Joins requests and answers on `custom_id`, in either order and over files. Batches use the same ids over and over: of several candidates
 * that one is taken whose model agrees and whose file is named alike; where nothing tells, none is. A failure waits to the end, for an
 * answer beats it.
 */
export class Join {
  readonly #inputs = new Map<string, Array<Input>>()
  readonly #outputs = new Map<string, Array<Output>>()
  readonly #failures: Array<Output> = []
  readonly #answered = new Map<string, string>()

  input(input: Input): Joined | undefined {
    const output = best(this.#outputs.get(input.customId) ?? [], (one) => worthOf(input, one))
    if (output === undefined) return void add(this.#inputs, input)
    remove(this.#outputs, output)
    return this.#join(input, output)
  }

  output(output: Output): Joined | undefined {
    if (output.failed) return void this.#failures.push(output)
    const input = best(this.#inputs.get(output.customId) ?? [], (one) => worthOf(one, output))
    if (input === undefined) return void add(this.#outputs, output)
    remove(this.#inputs, input)
    return this.#join(input, output)
  }

  #join(input: Input, output: Output): Joined {
    this.#answered.set(input.customId, digestOf(input.body))
    return { input, output }
  }

  /** After the last file. */
  end(): Left {
    const joined: Array<Joined> = []
    const outputs: Array<Left["outputs"][number]> = []
    for (const output of this.#failures) {
      const input = best(this.#inputs.get(output.customId) ?? [], (one) => worthOf(one, output))
      if (input !== undefined) {
        remove(this.#inputs, input)
        joined.push(this.#join(input, output))
      } else outputs.push({ output, why: this.#answered.has(output.customId) ? "superseded" : "alone" })
    }
    const alone = [...this.#outputs.values()].flat()
    for (const output of alone) outputs.push({ output, why: "alone" })
    const inputs = [...this.#inputs.values()].flat().map((input) => ({ input, why: this.#why(input) }))
    this.#inputs.clear()
    this.#outputs.clear()
    this.#failures.length = 0
    return { joined, inputs, outputs }
  }

  #why(input: Input): Left["inputs"][number]["why"] {
    if (this.#outputs.has(input.customId)) return "ambiguous"
    return this.#answered.get(input.customId) === digestOf(input.body) ? "again" : "unanswered"
  }
}
