import { digestOf } from "../../../domain/digest.ts"
import type { Message, ToolResultBlock } from "../../../domain/Message.ts"
import type { Found, Line } from "../../contract.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn } from "../../json.ts"
import { type Moment, momentOf } from "../../times.ts"
import { Answer } from "./answer.ts"
import { callsOf, rankOf } from "./call.ts"
import type { Said } from "./content.ts"
import { isClear, isInterruption, saidByAttachment, saidBySystem, saidByUser, weightOf } from "./content.ts"
import type { Context } from "./context.ts"
import { Contexts } from "./context.ts"
import { Finders } from "./finder.ts"
import type { Node } from "./node.ts"
import { pastOf } from "./past.ts"
import type { Place } from "./places.ts"
import { placed } from "./placing.ts"
import type { Project } from "./project.ts"
import { Prompts, promptIn } from "./prompts.ts"
import type { ToolCall } from "./tools.ts"
import { interruptedAt, signalOf, startedIn, toolCallIn } from "./tools.ts"

type Verdict = Extract<Found, { _tag: "Verdict" }>
type Signal = Verdict["signal"]

const nothing: Said = { messages: [], results: [] }

/** One file of a project, fed with its lines in order. */
export class Transcript {
  readonly file: string
  /** Characters of content that it holds. */
  weight = 0
  readonly #project: Project
  readonly #finders: Finders
  readonly #place: Place
  readonly #contexts: Contexts
  /** In the order of their first lines. */
  readonly #answers: Array<Answer> = []
  /** Answers of other files whose lines this one holds again, with the first such line; then those that were told. */
  readonly #copies = new Map<Answer, number>()
  readonly #told = new Set<Answer>()
  readonly #replays = new Map<Answer, Set<string>>()
  readonly #last = new Map<string, Node>()
  readonly #prompts = new Prompts()
  #signals: Array<{ readonly answer: Answer; readonly signal: Signal }> = []
  #stops: Array<Node> = []
  /** The time of its last line, as far as it was read. */
  #until: Moment | undefined
  readonly #mine = new WeakSet<Node>()

  constructor(file: string, place: Place, project: Project) {
    this.file = file
    this.#place = place
    this.#project = project
    this.#finders = new Finders(project.finder)
    this.#contexts = new Contexts(place)
  }

  /** Takes its lines out of the project's; only this file finds them from now on. */
  release(): void {
    this.#finders.split(this.file, (node) => this.#mine.has(node))
  }

  line(line: Line): ReadonlyArray<Found> {
    if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
    const row = objectIn(line.json)
    if (row === undefined) return [{ _tag: "Skip", line: line.line, reason: "not a JSON object" }]
    this.#until = momentOf(row["timestamp"]) ?? this.#until
    const message = objectIn(row["message"])
    const type = textIn(row["type"]) ?? textIn(message?.["role"]) ?? "unknown object"
    if (type === "assistant") return this.#assistant(line.line, row, message)
    return [{ _tag: "Other", type: this.#other(line.line, row, type) }]
  }

  /** Takes a line that is no answer; its kind. */
  #other(line: number, row: JsonObject, type: string): string {
    const context = this.#contexts.of(row)
    if (type === "user") {
      const said = saidByUser(row)
      if (said === undefined) return "user without content"
      if (this.#again(row, said)) return "repeated line"
      this.#user(line, row, context, said)
      return "user"
    }
    if (type === "attachment") {
      const attachment = objectIn(row["attachment"]) ?? {}
      const { bare, kind, unworded, ...said } = saidByAttachment(row, context)
      if (this.#again(row, said)) return "repeated line"
      const added = bare ? ({ kind, as: "bare" } as const) : unworded ? ({ kind, as: "unworded" } as const) : undefined
      const node = this.#node(line, row, context, said, { added })
      if (kind === "prompt_snapshot") this.#prompts.add(node, promptIn(attachment))
      return `attachment/${kind.slice(0, 60)}`
    }
    if (type === "system") {
      const subtype = textIn(row["subtype"])
      const said = saidBySystem(row)
      if (this.#again(row, said)) return "repeated line"
      const last = this.#lastOf(context)
      const node = this.#node(line, row, context, isClear(said) ? nothing : said, {
        ends:
          subtype === "compact_boundary"
            ? { by: "compaction", last }
            : isClear(said)
              ? { by: "clear", last }
              : undefined
      })
      const kept = objectIn(objectIn(row["compactMetadata"])?.["preservedSegment"])
      const head = textIn(kept?.["headUuid"])
      const anchor = textIn(kept?.["anchorUuid"])
      if (head !== undefined && anchor !== undefined) this.#project.move(head, anchor, node.seq)
      return subtype === undefined ? "system" : `system/${subtype.slice(0, 60)}`
    }
    if (textIn(row["uuid"]) !== undefined && !this.#again(row, nothing)) this.#node(line, row, context, nothing, {})
    return type.slice(0, 60)
  }

  #lastOf({ session, side }: Context): Answer | undefined {
    return this.#answers.findLast(({ context }) => context.session === session && context.side === side)
  }

  /** True for a line that was read before: it has the name of one of its session that says the same. */
  #again(row: JsonObject, said: Said): boolean {
    const known = this.#finders.ownNode(textIn(row["uuid"]), textIn(row["sessionId"]) ?? "")
    if (known === undefined || known.answer !== undefined || known.ends !== undefined) return known?.ends !== undefined
    return digestOf([known.messages, known.results]) === digestOf([said.messages, said.results])
  }

  find(uuid: string, session: string): Node | undefined {
    return this.#finders.node(uuid, session)
  }

  movedTo(uuid: string, seq: number): string | undefined {
    return this.#project.movedTo(uuid, seq)
  }

  #user(line: number, row: JsonObject, context: Context, said: Said): void {
    if (isClear(said)) {
      this.#node(line, row, context, nothing, { ends: { by: "clear", last: this.#lastOf(context) } })
      return
    }
    const mine: Array<readonly [ToolResultBlock, ToolCall]> = []
    const orphans: Array<ToolResultBlock> = []
    for (const result of said.results) {
      const call = this.#finders.tool(result.toolUseId, context.session)
      if (call === undefined) orphans.push(result)
      else mine.push([result, call])
    }
    const lone: ReadonlyArray<Message> = orphans.length === 0 ? [] : [{ role: "tool", blocks: orphans }]
    const node = this.#node(line, row, context, { messages: [...lone, ...said.messages], results: said.results }, {})
    for (const [result, call] of mine) {
      const { answer } = call
      answer.results.push({ seq: node.seq, block: result })
      const signal = signalOf(call, result, row, node.at?.iso)
      if (signal !== undefined) this.#signals.push({ answer, signal })
      const started = startedIn(call, result, row)
      const link = { toolUseId: result.toolUseId }
      if (started?.agent !== undefined) this.#project.link(context.session, `agent:${started.agent}`, link)
      if (started?.run !== undefined) this.#project.link(context.session, `run:${started.run}`, link)
    }
    if (isInterruption(said)) this.#stops.push(node)
  }

  #node(
    line: number,
    row: JsonObject,
    context: Context,
    said: Said,
    more: { readonly ends?: Node["ends"]; readonly added?: Node["added"]; readonly answer?: Answer }
  ): Node {
    const strand = `${context.session}|${context.side}`
    const uuid = textIn(row["uuid"])
    const parent = textIn(row["parentUuid"])
    const known = this.#finders.ownNode(uuid, context.session)
    const messages = known === undefined ? this.#shared(uuid, said.messages) : said.messages
    // A side chain in the file of its session begins with what it was told.
    const begins = context.side && this.#place.agent === undefined && row["type"] === "user"
    const node: Node = {
      seq: this.#project.next(),
      line,
      uuid,
      parent,
      before: parent !== undefined || begins ? undefined : this.#last.get(strand),
      context,
      at: momentOf(row["timestamp"]),
      ends: more.ends,
      messages,
      results: said.results,
      answer: more.answer,
      added: more.added,
      twin: known !== undefined
    }
    this.#last.set(strand, node)
    this.#mine.add(node)
    if (messages === said.messages) this.weight += weightOf(messages)
    if (known !== undefined) known.twin = true
    else if (uuid !== undefined) this.#finders.newest.nodes.set(context.session, uuid, node)
    return node
  }

  /** Messages of a line that another session holds as well are held once. */
  #shared(uuid: string | undefined, messages: Node["messages"]): Node["messages"] {
    const other = uuid === undefined || messages.length === 0 ? undefined : this.#finders.node(uuid, "")
    return other !== undefined && digestOf(other.messages) === digestOf(messages) ? other.messages : messages
  }

  /** Takes a call of a tool; a copy of one changes nothing. */
  #called(id: string, call: ToolCall): void {
    const { session } = call.answer.context
    if (this.#finders.ownTool(id, session) !== undefined) return
    this.#finders.newest.tools.set(session, id, call)
    if (call.prompt !== undefined && call.prompt !== "") this.#project.told(id, call.prompt)
  }

  #assistant(line: number, row: JsonObject, message: JsonObject | undefined): ReadonlyArray<Found> {
    const context = this.#contexts.of(row)
    if (message === undefined) return [{ _tag: "Skip", line, reason: "an answer without its message" }]
    if (message["model"] === "<synthetic>" && row["isApiErrorMessage"] !== true) {
      if (!this.#again(row, nothing)) this.#node(line, row, context, nothing, {})
      return [{ _tag: "Other", type: "assistant/synthetic" }]
    }
    const uuid = textIn(row["uuid"])
    const known = this.#finders.ownNode(uuid, context.session)
    const id = textIn(message["id"])
    // A line of this name that is there already, of the same answer: a copy.
    const copied = known?.answer !== undefined && known.answer.id === id ? known.answer : undefined
    const answer = copied ?? this.#answerOf(line, row, context, id)
    const fresh = answer.add(row, message)
    for (const block of arrayIn(message["content"]) ?? []) {
      const call = toolCallIn(block, answer)
      if (call !== undefined) this.#called(...call)
    }
    if (fresh) this.weight += weightOf(message["content"])
    if (answer.file !== this.file && !this.#copies.has(answer)) {
      this.#copies.set(answer, line)
      if (!context.copy) answer.foundAt(this.file, line)
    }
    if (copied !== undefined) return fresh ? [] : [{ _tag: "Other", type: "repeated line" }]
    const node = this.#node(line, row, context, nothing, { answer })
    if (answer.file === this.file) answer.nodes.push(node)
    return this.#replayed(answer, line, row, context)
  }

  /** A side chain of the same file replays an answer under a request of its own (`/btw`): once a request. */
  #replayed(answer: Answer, line: number, row: JsonObject, { side }: Context): ReadonlyArray<Found> {
    if (answer.file !== this.file || answer.context.side === side) return []
    const requests = this.#replays.get(answer) ?? new Set()
    const request = textIn(row["requestId"]) ?? ""
    if (requests.has(request)) return []
    this.#replays.set(answer, requests.add(request))
    return [{ _tag: "Duplicate", line, rule: "a side chain's copy of an answer" }]
  }

  /** The answer that a line belongs to; of one message in one session the lines are one answer, unless their requests are two. */
  #answerOf(line: number, row: JsonObject, context: Context, id: string | undefined): Answer {
    const uuid = textIn(row["uuid"])
    const name = this.file.split(/[\\/]/).at(-1)
    const location = uuid === undefined ? `${name}:${line}` : `uuid:${uuid}`
    const made = new Answer(this.file, line, context, row, location, this.#namer(uuid, context, id))
    const key = id === undefined ? undefined : `${context.session}|${id}`
    const there = key === undefined ? [] : this.#finders.answers(key)
    const same = there.find(
      (one) =>
        one.requestId === undefined ||
        made.requestId === undefined ||
        one.requestId === made.requestId ||
        one.context.side !== context.side
    )
    if (same !== undefined) return same
    if (key !== undefined) this.#finders.newest.answers.set(key, [...there, made])
    this.#answers.push(made)
    return made
  }

  /** The session within which an answer's id is its name: the one it was copied from, as far as that is known. */
  #namer(uuid: string | undefined, { from, session }: Context, id: string | undefined): string {
    const other = uuid === undefined ? undefined : this.find(uuid, session)?.answer
    return other !== undefined && other.id === id ? other.named : (from ?? session)
  }

  /** Gives every answer its place. */
  arrange(): void {
    for (const answer of this.#answers) {
      const first = answer.nodes[0]
      if (first === undefined || answer.place !== undefined) continue
      answer.place = placed(answer, pastOf(first, this, answer), this.#project.trajectories)
    }
    for (const stop of this.#stops) {
      const { previous } = pastOf(stop, this)
      if (previous === undefined) continue
      if (previous.stop === undefined && previous.results.length === 0) previous.interrupted = true
      this.#signals.push({ answer: previous, signal: interruptedAt(stop.at?.iso) })
    }
    this.#stops = []
  }

  /** What is new or fuller since the last time. A sub-agent waits until it is known who started it; with `settled` for nothing more. */
  flush(settled: boolean): ReadonlyArray<Found> {
    const { agent, run, session } = this.#place
    const link = agent === undefined ? undefined : this.#project.linkOf(session ?? this.#session, agent, run)
    const by =
      link?.toolUseId === undefined ? undefined : this.#finders.tool(link.toolUseId, session ?? this.#session)?.answer
    if (agent !== undefined && by?.place === undefined && !settled) return []
    this.arrange()
    const found: Array<Found> = []
    for (const answer of [...this.#answers, ...this.#copies.keys()]) {
      const first = answer.nodes[0]
      if (first === undefined || answer.place === undefined || rankOf(answer, true) <= answer.given) continue
      const past = pastOf(first, this, answer)
      const rank = rankOf(answer, !past.cut)
      if (rank <= answer.given) continue
      answer.given = rank
      if (this.#copies.has(answer)) this.#told.add(answer)
      const prompt = this.#prompts.before(first)
      const told = past.root.context.side ? this.#startOf(past.root) : undefined
      const started = agent === undefined ? told : { agentType: link?.agentType, toolUseId: link?.toolUseId, by }
      found.push(...callsOf(answer, past, prompt, started, this.#until))
    }
    for (const [answer, line] of this.#copies) {
      if (this.#told.has(answer)) continue
      this.#told.add(answer)
      found.push({ _tag: "Duplicate", line, rule: "a copy of an answer in another file of the project" })
    }
    for (const { answer, signal } of this.#signals)
      if (answer.place !== undefined) found.push({ _tag: "Verdict", of: answer.place.trajectory, signal })
    this.#signals = this.#signals.filter(({ answer }) => answer.place === undefined)
    return found
  }

  get #session(): string {
    return this.#answers[0]?.context.session ?? ""
  }

  /** Who began a side chain within the file: the one call of an agent that told it just that. */
  #startOf(root: Node) {
    const block = root.messages[0]?.blocks[0]
    const text = block?.type === "text" ? block.text : undefined
    if (text === undefined) return undefined
    const [only, ...others] = this.#project.toldTo(text)
    const by = only === undefined ? undefined : this.#finders.tool(only, root.context.session)?.answer
    return only === undefined || others.length > 0 ? undefined : { agentType: undefined, toolUseId: only, by }
  }
}
