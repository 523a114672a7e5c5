import type { ToolDef } from "../../../domain/Call.ts"
import type { Found, Line } from "../../contract.ts"
import type { JsonObject } from "../../json.ts"
import { objectIn, textIn } from "../../json.ts"
import type { Moment } from "../../times.ts"
import { momentOf } from "../../times.ts"
import type { Draft, Owner } from "./call.ts"
import { callOf, keyOf, rankOf } from "./call.ts"
import { Conversation } from "./conversation.ts"
import { rowsIn } from "./envelope.ts"
import { blocksOf, itemIn, resultOf, toolsIn } from "./items.ts"
import { ShellCalls } from "./shell.ts"
import type { Families, Thread, Turn } from "./thread.ts"
import { idOfFile, threadIn, turnIn } from "./thread.ts"
import type { Counts } from "./usage.ts"
import { countsIn, leftOver } from "./usage.ts"

const second = (at: Moment | undefined): string | undefined => at?.iso.slice(0, 19)

/** One rollout, fed with its lines in order. Codex logs what was said and made, not the calls: a call is what the model made in a row. */
export class Rollout {
  readonly #file: string
  readonly #families: Families
  #thread: Thread = threadIn({}, undefined)
  /** The head that was read last, before anything that was made. */
  #head: Thread = this.#thread
  #begun = false
  #turn: Turn = turnIn({})
  #tools: ReadonlyArray<ToolDef> = []
  readonly #conversation = new Conversation()
  #askedAt: Moment | undefined
  #at: Moment | undefined
  #open: Draft | undefined
  /** Calls whose counts have not come yet. */
  #waiting: Array<Draft> = []
  /** Calls that only wait for the next line, or for the second counts of a sub-agent's file. */
  #ready: Array<Draft> = []
  #totals: Counts | undefined
  /** Totals that a record of its own told; the notice of them is no other call. */
  #recorded: string | undefined
  #branch = 0
  #step = 0
  #replayed: { at: string | undefined; sure: boolean } | undefined
  readonly #shell = new ShellCalls()

  constructor(file: string, families: Families) {
    this.#file = file
    this.#families = families
  }

  line(line: Line): ReadonlyArray<Found> {
    if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
    const row = objectIn(line.json)
    if (row === undefined) return [{ _tag: "Skip", line: line.line, reason: "not a JSON object" }]
    return rowsIn(row, !this.#begun).flatMap(({ payload, timestamp, type }) => {
      this.#at = momentOf(timestamp) ?? this.#at
      if (type === "compacted") for (const draft of this.#ready) if (draft.past === undefined) draft.role = "compaction"
      const ready = this.#given()
      return [...ready, ...this.#row(line.line, type, payload)]
    })
  }

  #row(line: number, type: string, payload: JsonObject): ReadonlyArray<Found> {
    switch (type) {
      case "session_meta":
        this.#begin(payload)
        return [{ _tag: "Other", type }]
      case "turn_context":
        this.#turn = turnIn(payload)
        return [{ _tag: "Other", type }]
      case "response_item":
        return this.#item(line, payload)
      case "compacted":
        this.#close()
        this.#conversation.compact(payload, this.#turn.model ?? "")
        return [{ _tag: "Other", type }]
      case "token_usage_record": {
        const counts = countsIn(payload["usage"])
        if (counts === undefined) return [{ _tag: "Other", type }]
        const totals = countsIn(payload["thread_token_usage"])
        this.#recorded = totals?.key ?? counts.key
        return this.#counted(line, counts, totals, undefined, textIn(payload["response_id"]))
      }
      case "event_msg":
        return this.#event(line, payload)
      default:
        return [{ _tag: "Other", type: type.slice(0, 60) }]
    }
  }

  /** The first head is the thread's own; later ones are those of threads it was copied from. */
  #begin(meta: JsonObject): void {
    const thread = threadIn(meta, this.#at)
    if (this.#begun) this.#copiedFrom(thread)
    this.#families.add(thread)
    if (this.#begun) return
    this.#begun = true
    this.#thread = thread
    this.#head = thread
    this.#tools = this.#thread.tools
    const nameless = this.#thread.startedBy === undefined && this.#thread.forkedFrom === undefined
    // A sub-agent that does not say whose may begin with a copy of its parent's calls, all in one second.
    if (nameless && this.#thread.subagent !== undefined) this.#replayed = { at: undefined, sure: false }
  }

  /** Older forks do not name what they were forked from: its head stands behind their own, before anything that was made. */
  #copiedFrom(thread: Thread): void {
    const { forkedFrom, id, startedBy, subagent } = this.#head
    const told = [forkedFrom, startedBy, subagent].some((one) => one !== undefined)
    if (thread.id === undefined || thread.id === id || this.#step > 0) return
    if (!told) {
      const forked = { ...this.#head, forkedFrom: thread.id }
      this.#families.add(forked)
      if (this.#head === this.#thread) this.#thread = forked
    }
    this.#head = thread
  }

  get #owner(): Owner {
    const root = this.#families.rootOf(this.#thread, this.#file)
    return { file: this.#file, thread: this.#thread, root, startedBy: this.#families.startOf(this.#thread.id) }
  }

  #item(line: number, payload: JsonObject): ReadonlyArray<Found> {
    const item = itemIn(payload)
    const label = `response_item/${(textIn(payload["type"]) ?? "message").slice(0, 60)}`
    if (item._tag === "Unseen") {
      if (payload["type"] === "additional_tools") this.#tools = [...this.#tools, ...toolsIn(payload["tools"])]
      return [{ _tag: "Other", type: label }]
    }
    if (item._tag === "Made") {
      const draft = this.#open ?? this.#draft(line, "whole")
      this.#open = draft
      draft.items.push(item.raw)
      draft.blocks.push(...blocksOf(item.raw, draft.model ?? ""))
      draft.endedAt = this.#at
      return []
    }
    this.#close()
    this.#askedAt = this.#at
    const other: Found = { _tag: "Other", type: label }
    if (item._tag === "Said") {
      this.#conversation.say(item.raw, this.#turn.model ?? "")
      return [other]
    }
    const result = resultOf(item)
    if (result === undefined) return [other]
    this.#conversation.result(result)
    const { signal, started, startedBy } = this.#shell.ended(result, this.#at?.iso)
    if (started !== undefined && startedBy !== undefined)
      this.#families.started(started, result.toolUseId, keyOf(startedBy, this.#owner.root))
    return signal === undefined ? [other] : [other, { _tag: "Verdict", of: this.#trajectory, signal }]
  }

  get #trajectory(): string {
    const thread = this.#thread.id ?? idOfFile(this.#file)
    return this.#branch === 0 ? thread : `${thread}/${this.#branch}`
  }

  /** Begins a call; of one with `counts` alone nothing else is in the log. */
  #draft(line: number, known: "whole" | "counts"): Draft {
    if (known === "whole") this.#conversation.instruct(this.#turn)
    const { startedBy, forkedFrom, at } = this.#thread
    return {
      line,
      past: known === "counts" ? undefined : this.#conversation.past(),
      pastState: this.#conversation.state,
      items: [],
      blocks: [],
      turn: this.#turn,
      tools: this.#tools,
      trajectory: this.#trajectory,
      branch: this.#branch === 0 ? undefined : String(this.#branch),
      step: this.#step++,
      askedAt: known === "counts" ? undefined : this.#askedAt,
      endedAt: this.#at,
      copied: (startedBy ?? forkedFrom) !== undefined && this.#isAtFork(at),
      model: this.#turn.model,
      counts: undefined,
      totals: undefined,
      derived: false,
      responseId: undefined,
      role: undefined,
      aborted: false,
      given: -1
    }
  }

  /** True within two seconds of a thread's beginning: lines that it begins with are copies, written all at once. */
  #isAtFork(began: Moment | undefined): boolean {
    return began !== undefined && this.#at !== undefined && this.#at.ms - began.ms <= 2000
  }

  /** The model has made what it made: it belongs to the history from now on. */
  #close(): void {
    const draft = this.#open
    if (draft === undefined) return
    this.#open = undefined
    this.#waiting.push(draft)
    this.#conversation.answer(draft.blocks)
    this.#shell.began(draft)
  }

  #event(line: number, payload: JsonObject): ReadonlyArray<Found> {
    const type = textIn(payload["type"]) ?? "unknown"
    const other: Found = { _tag: "Other", type: `event_msg/${type.slice(0, 60)}` }
    const told = (name: string, value: boolean | string): Found => ({
      _tag: "Verdict",
      of: this.#trajectory,
      signal: {
        name,
        value,
        source: "system",
        scope: "trajectory",
        ...(this.#at === undefined ? {} : { at: this.#at.iso })
      }
    })
    if (type === "token_count") {
      const info = objectIn(payload["info"])
      const last = countsIn(info?.["last_token_usage"])
      const totals = countsIn(info?.["total_token_usage"])
      if (last === undefined) return [other]
      const twin = (totals ?? last).key === this.#recorded
      if (twin) return [other]
      if (totals !== undefined && totals.key === this.#totals?.key)
        return [{ _tag: "Duplicate", line, rule: "token counts that were told before: the totals have not changed" }]
      return this.#counted(line, last, totals, textIn(info?.["model"]) ?? textIn(payload["model"]), undefined)
    }
    if (type === "task_complete" || type === "turn_complete") {
      this.#close()
      return [other, told("task_complete", true)]
    }
    if (type === "turn_aborted") {
      if (this.#open !== undefined) this.#open.aborted = true
      this.#close()
      return [other, told("turn_aborted", (textIn(payload["reason"]) ?? "unknown").slice(0, 60))]
    }
    if (type === "thread_rolled_back") this.#rollBack(Number(payload["num_turns"]))
    return [other]
  }

  /** What comes after a roll-back is a branch. */
  #rollBack(turns: number): void {
    this.#close()
    if (!this.#conversation.rollBack(turns)) return
    this.#branch += 1
    this.#step = 0
  }

  /** Takes the counts of a call: of what the model made last, or of a call of which nothing else is there. */
  #counted(
    line: number,
    last: Counts,
    totals: Counts | undefined,
    model: string | undefined,
    responseId: string | undefined
  ): ReadonlyArray<Found> {
    this.#close()
    const rest = totals === undefined ? undefined : leftOver(this.#totals, totals, last)
    this.#totals = totals ?? this.#totals
    const draft = this.#waiting.pop() ?? this.#draft(line, "counts")
    draft.counts = last
    draft.totals = totals
    draft.responseId = responseId
    draft.model = model ?? draft.model
    const before = this.#waiting
    this.#waiting = []
    if (rest !== undefined) {
      // What the totals grew by beyond it belongs to the calls before it; where these are several nobody knows how.
      const one = before.length === 1 ? before[0]! : this.#draft(line, "counts")
      one.counts = rest
      one.derived = true
      if (before.length !== 1) {
        one.totals = totals // another thread may have as much left over
        before.push(one)
      }
    }
    this.#ready.push(...before, draft)
    return []
  }

  /** Hands out what is ready. */
  #given(): ReadonlyArray<Found> {
    const doubt = this.#replayed
    if (doubt !== undefined && !doubt.sure) {
      const counted = this.#ready.filter(({ counts }) => counts !== undefined)
      const [one, two] = counted
      if (one === undefined || two === undefined) return []
      const same = second(one.endedAt) !== undefined && second(one.endedAt) === second(two.endedAt)
      this.#replayed = same ? { at: second(one.endedAt), sure: true } : undefined
    }
    const ready = this.#ready
    this.#ready = []
    return ready.flatMap((draft) => this.#found(draft))
  }

  #found(draft: Draft): ReadonlyArray<Found> {
    const owner = this.#owner
    const rank = rankOf(draft)
    if (rank <= draft.given) return []
    draft.given = rank
    const at = this.#replayed?.sure === true ? this.#replayed.at : undefined
    if (at !== undefined && second(draft.endedAt) === at) {
      if (draft.counts !== undefined)
        return [{ _tag: "Duplicate", line: draft.line, rule: "a call of its parent, copied when the sub-agent began" }]
      draft.copied = true
    }
    const counts = draft.counts === undefined ? undefined : `${draft.counts.key}|${draft.totals?.key ?? ""}`
    const told =
      counts !== undefined &&
      draft.totals !== undefined &&
      this.#families.isKnown(owner.root, counts, this.#file, draft.copied)
    // Two sub-agents may count the same by chance: only what a fork can have copied is taken for a copy.
    if (told && (draft.copied || draft.items.length === 0))
      return [{ _tag: "Duplicate", line: draft.line, rule: "a call of another thread of the family, copied by a fork" }]
    return [callOf(draft, owner)]
  }

  /** All calls as they stand; those that are still going on may be given again, fuller. */
  end(): ReadonlyArray<Found> {
    if (this.#replayed?.sure === false) this.#replayed = undefined
    const going = this.#open === undefined ? [] : [this.#open]
    return [...this.#given(), ...[...this.#waiting, ...going].flatMap((draft) => this.#found(draft))]
  }
}
