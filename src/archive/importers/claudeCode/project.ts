import type { Found } from "../../contract.ts"
import { objectIn, textIn } from "../../json.ts"
import { Finder } from "./finder.ts"
import type { Place } from "./places.ts"
import type { Transcript } from "./transcript.ts"

/** Characters of content that are held for files that were read to their end: later files of the project may go on from them. */
const heldAtMost = 64 * 1024 * 1024

interface Link {
  agentType?: string | undefined
  toolUseId?: string | undefined
}

/** What the files of one project have in common. */
export class Project {
  readonly finder = new Finder()
  readonly trajectories = new Set<string>()
  readonly #told = new Map<string, Array<string>>()
  readonly #links = new Map<string, Link>()
  readonly #moved = new Map<string, Array<{ readonly seq: number; readonly to: string }>>()
  #transcripts: Array<Transcript> = []
  #seq = 0

  next(): number {
    this.#seq += 1
    return this.#seq
  }

  movedTo(uuid: string, seq: number): string | undefined {
    return this.#moved.get(uuid)?.findLast((move) => move.seq < seq)?.to
  }

  /** Notes what a call told a sub-agent. */
  told(id: string, prompt: string): void {
    const ids = this.#told.get(prompt) ?? []
    if (!ids.includes(id)) this.#told.set(prompt, [...ids, id])
  }

  /** The calls that told a sub-agent just this. */
  toldTo(prompt: string): ReadonlyArray<string> {
    return this.#told.get(prompt) ?? []
  }

  /** A compaction kept the lines from `head` on: they go on from `anchor` afterwards. */
  move(head: string, anchor: string, seq: number): void {
    this.#moved.set(head, [...(this.#moved.get(head) ?? []), { seq, to: anchor }])
  }

  /** Notes who started a sub-agent (`agent:ID`) or a workflow's run (`run:ID`) of a session; what is known stays. */
  link(session: string, who: string, link: Link): void {
    const key = `${session}|${who}`
    const known = this.#links.get(key)
    this.#links.set(key, {
      agentType: known?.agentType ?? link.agentType,
      toolUseId: known?.toolUseId ?? link.toolUseId
    })
  }

  linkOf(session: string, agent: string, run: string | undefined): Link {
    const own = this.#links.get(`${session}|agent:${agent}`)
    const ofRun = run === undefined ? undefined : this.#links.get(`${session}|run:${run}`)
    return { agentType: own?.agentType, toolUseId: own?.toolUseId ?? ofRun?.toolUseId }
  }

  /** Takes a sub-agent's `.meta.json`. */
  meta(place: Place, json: unknown): void {
    const object = objectIn(json)
    if (object === undefined || place.session === undefined || place.agent === undefined) return
    this.link(place.session, `agent:${place.agent}`, {
      agentType: textIn(object["agentType"]),
      toolUseId: textIn(object["toolUseId"])
    })
  }

  add(transcript: Transcript): void {
    this.#transcripts.push(transcript)
  }

  /** Lets go of what was read first where too much is held; what waited in it is given as it stands. `but` is being read. */
  relieve(but: Transcript): ReadonlyArray<Found> {
    let held = this.#transcripts.reduce((sum, { weight }) => sum + weight, 0)
    const found: Array<Found> = []
    for (const transcript of [...this.#transcripts]) {
      if (held <= heldAtMost || transcript === but) break
      held -= transcript.weight
      found.push(...transcript.flush(true))
      this.#transcripts = this.#transcripts.filter((one) => one !== transcript)
      transcript.release()
    }
    return found
  }

  /** What waited for another file. */
  settle(): ReadonlyArray<Found> {
    for (const transcript of this.#transcripts) transcript.arrange()
    return this.#transcripts.flatMap((transcript) => transcript.flush(true))
  }
}
