import type { Answer } from "./answer.ts"
import type { Node } from "./node.ts"
import type { ToolCall } from "./tools.ts"

/**
 * Things by their names. A session's copy in another session has the same names, so each session has its own; what a session does not have
 * is looked for in the others.
 */
class Named<A> {
  readonly #own = new Map<string, A>()
  readonly #any = new Map<string, A>()

  /** The one of this session. */
  own(session: string, name: string): A | undefined {
    return this.#own.get(`${session}|${name}`)
  }

  /** The first one of any session. */
  any(name: string): A | undefined {
    return this.#any.get(name)
  }

  set(session: string, name: string, value: A): void {
    this.#own.set(`${session}|${name}`, value)
    if (!this.#any.has(name)) this.#any.set(name, value)
  }

  /** Moves what `isMoved` tells. */
  moveTo(other: Named<A>, isMoved: (value: A) => boolean): void {
    move(this.#own, other.#own, isMoved)
    move(this.#any, other.#any, isMoved)
  }
}

const move = <A>(from: Map<string, A>, to: Map<string, A>, isMoved: (value: A) => boolean) => {
  for (const [name, value] of from) {
    if (!isMoved(value)) continue
    to.set(name, value)
    from.delete(name)
  }
}

/** Finds lines, answers and calls of tools by their names. */
export class Finder {
  /** By uuid. */
  readonly nodes = new Named<Node>()
  /** By the id of the call. */
  readonly tools = new Named<ToolCall>()
  /** By session and message id. */
  readonly answers = new Map<string, ReadonlyArray<Answer>>()

  /** Takes out what lies in one file: `isOf` tells a line of it. */
  split(file: string, isOf: (node: Node) => boolean): Finder {
    const part = new Finder()
    this.nodes.moveTo(part.nodes, isOf)
    this.tools.moveTo(part.tools, ({ answer }) => answer.file === file)
    move(this.answers, part.answers, (answers) => answers.every((answer) => answer.file === file))
    return part
  }
}

/** Where one file's lines find others: in the project's, and in its own once they were taken out of these. */
export class Finders {
  readonly #project: Finder
  #own: Finder | undefined

  constructor(project: Finder) {
    this.#project = project
  }

  /** Takes a file's lines out of the project's; only these finders find them from now on. */
  split(file: string, isOf: (node: Node) => boolean): void {
    this.#own ??= this.#project.split(file, isOf)
  }

  /** Where new lines are noted. */
  get newest(): Finder {
    return this.#own ?? this.#project
  }

  /** The line of this name in its session. */
  ownNode(uuid: string | undefined, session: string): Node | undefined {
    if (uuid === undefined) return undefined
    return this.#own?.nodes.own(session, uuid) ?? this.#project.nodes.own(session, uuid)
  }

  /** The line of this name in its session, else in another. */
  node(uuid: string, session: string): Node | undefined {
    return this.ownNode(uuid, session) ?? this.#own?.nodes.any(uuid) ?? this.#project.nodes.any(uuid)
  }

  ownTool(id: string, session: string): ToolCall | undefined {
    return this.#own?.tools.own(session, id) ?? this.#project.tools.own(session, id)
  }

  tool(id: string, session: string): ToolCall | undefined {
    return this.ownTool(id, session) ?? this.#own?.tools.any(id) ?? this.#project.tools.any(id)
  }

  /** By session and message id. */
  answers(key: string): ReadonlyArray<Answer> {
    return this.#own?.answers.get(key) ?? this.#project.answers.get(key) ?? []
  }
}
