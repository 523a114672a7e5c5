import type { Signal } from "../../../domain/Call.ts"
import type { ToolResultBlock, ToolUseBlock } from "../../../domain/Message.ts"
import type { Found, Line } from "../../contract.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, numberIn, objectIn, textIn } from "../../json.ts"
import { testSignal } from "../../testCommands.ts"
import { momentOf } from "../../times.ts"
import type { Answer, TaskFacts } from "./call.ts"
import { callOf, usageCallOf } from "./call.ts"
import type { Stored } from "./conversation.ts"
import { Conversation } from "./conversation.ts"
import type { Edit, Kind } from "./files.ts"
import { editsIn, programOf, surroundingsIn, taskOf } from "./files.ts"
import type { Notice } from "./requests.ts"
import { joined, requestsIn } from "./requests.ts"

/** A task's folder: its conversation, the notices to its user, and what else is known of it; calls once all of that is there. */
export class Task {
  readonly #id: string
  #history: { file: string; line: number; stored: Array<Stored> } | undefined
  readonly #notices: Array<Notice> = []
  #noticesFile: string | undefined
  #metadata: JsonObject = {}
  #item: JsonObject = {}
  #edits: ReadonlyArray<Edit> = []
  readonly #given = new Set<string>()

  constructor(file: string) {
    this.#id = taskOf(file).id
  }

  /** A file of the folder is read from its beginning: what it held before is forgotten. */
  begin(kind: Kind): void {
    if (kind === "history") this.#history = undefined
    else if (kind === "notices") this.#notices.length = 0
    else if (kind === "edits") this.#edits = []
  }

  line(file: string, kind: Kind, line: Line): ReadonlyArray<Found> {
    if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
    if (kind === "edits") {
      this.#edits = [...this.#edits, ...editsIn(line.json)]
      return [{ _tag: "Other", type: "changes to the conversation" }]
    }
    const row = objectIn(line.json)
    if (row === undefined) return [{ _tag: "Skip", line: line.line, reason: "not a JSON object" }]
    if (kind === "metadata") this.#metadata = { ...this.#metadata, ...row }
    if (kind === "item") this.#item = { ...this.#item, ...row }
    if (kind === "metadata" || kind === "item") return [{ _tag: "Other", type: "task" }]
    if (kind === "history") return this.#message(file, line.line, row)
    this.#noticesFile = file
    this.#notices.push({ line: line.line, row })
    const said = textIn(row["say"]) ?? textIn(row["ask"]) ?? "unknown"
    return [{ _tag: "Other", type: `notice: ${said.slice(0, 40)}` }]
  }

  #message(file: string, line: number, row: JsonObject): ReadonlyArray<Found> {
    if (row["version"] === 2 && arrayIn(row["messages"]) !== undefined)
      return [{ _tag: "Skip", line, reason: "a conversation in the form of version 2, which is not read" }]
    this.#history ??= { file, line, stored: [] }
    this.#history.stored.push({ line, raw: row })
    const role = textIn(row["role"]) ?? "unknown"
    if (row["type"] === "reasoning") return [{ _tag: "Other", type: "reasoning item" }]
    return role === "assistant" ? [] : [{ _tag: "Other", type: `message: ${role.slice(0, 40)}` }]
  }

  get #facts(): TaskFacts {
    const file = this.#history?.file ?? this.#noticesFile ?? ""
    return { id: this.#id, program: programOf(file), metadata: this.#metadata, item: this.#item }
  }

  /** The calls as far as they are known and were not given yet. */
  settle(): ReadonlyArray<Found> {
    const requests = requestsIn(this.#notices)
    const history = this.#history
    const stored = history?.stored ?? []
    const conversation = new Conversation(stored, this.#edits)
    const places = stored.flatMap(({ raw }, index) =>
      raw["role"] === "assistant" && raw["type"] !== "reasoning" ? [{ index, at: numberIn(raw["ts"]) }] : []
    )
    const { by, left, of } = joined(places, requests)
    let cwd: string | undefined
    let model: string | undefined
    let seen = 0
    const calls = places.map(({ index }, step): Found => {
      for (; seen < index; seen += 1) {
        const said = surroundingsIn(stored[seen]?.raw ?? {})
        cwd = said.cwd ?? cwd
        model = said.model ?? model
      }
      const answer: Answer = {
        index,
        step,
        stored: stored[index]!,
        before: stored[index - 1]?.raw,
        request: of.get(index),
        by,
        told: { cwd, model }
      }
      return callOf(this.#facts, history?.file ?? "", answer, conversation)
    })
    const more = left
      .filter(({ line }) => this.#isNew(`request ${line}`))
      .map((request) => usageCallOf(this.#facts, this.#noticesFile ?? "", request))
    const told = [...calls, ...this.#verdicts(conversation, stored)].filter((found) => this.#isNew(keyOf(found)))
    return [...told, ...more]
  }

  #isNew(key: string): boolean {
    if (this.#given.has(key)) return false
    this.#given.add(key)
    return true
  }

  #verdicts(conversation: Conversation, stored: ReadonlyArray<Stored>): ReadonlyArray<Found> {
    const done = this.#notices.findLast(({ row }) => row["say"] === "completion_result" && row["partial"] !== true)
    const at = momentOf(done?.row["ts"])?.iso
    const signals: Array<Signal> =
      done === undefined
        ? []
        : [
            {
              name: "task_complete",
              value: true,
              source: "system",
              scope: "trajectory",
              ...(at === undefined ? {} : { at })
            }
          ]
    const { messages } = conversation.past(stored.length, { at: undefined, without: undefined })
    const commands = new Map<string, ToolUseBlock>()
    for (const { blocks } of messages)
      for (const block of blocks) {
        if (block.type === "tool_use" && block.name === "execute_command") commands.set(block.id, block)
        const call = block.type === "tool_result" ? commands.get(block.toolUseId) : undefined
        const signal = call === undefined ? undefined : testsOf(call, block as ToolResultBlock)
        if (signal !== undefined) signals.push(signal)
      }
    return signals.map((signal): Found => ({ _tag: "Verdict", of: this.#id, signal }))
  }
}

/** What tells what was given from what is new. */
const keyOf = (found: Found): string =>
  JSON.stringify(
    found._tag === "Call"
      ? [found.dedupeKey, found.rank ?? 0]
      : found._tag === "Verdict"
        ? [found.of, found.signal]
        : found
  )

const testsOf = ({ input }: ToolUseBlock, { content }: ToolResultBlock): Signal | undefined => {
  const command = textIn(objectIn(input)?.["command"])
  const output = content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n")
  const told = /\bexit code:? (\d+)/i.exec(output.split("\nOutput:", 1)[0] ?? "")?.[1]
  return command === undefined || told === undefined
    ? undefined
    : testSignal({ command, exitCode: Number(told), output: output.slice(0, 2000), at: undefined })
}
