import type { Message } from "../../../domain/Message.ts"
import type { Answer } from "./answer.ts"
import type { Chain, Node } from "./node.ts"

/** What led to an answer. */
export interface Past {
  /** The conversation that was sent, in order. */
  readonly messages: ReadonlyArray<Message>
  /** The answer before it. */
  readonly previous: Answer | undefined
  /** The line right before it. */
  readonly trigger: Node | undefined
  /** The first line of the conversation. */
  readonly root: Node
  /** Some lines do not say what they go on from: the order of the file was taken. */
  readonly byOrder: boolean
  /** The conversation begins before the lines that were read. */
  readonly cut: boolean
  readonly twins: boolean
  /** Kinds of context that the harness added in words that are not (`unworded`), or not quite (`bare`), in the log. */
  readonly bare: ReadonlySet<string>
  readonly unworded: ReadonlySet<string>
}

/**
 * The way from a line back to the beginning of its conversation, or to the last compaction: along the lines it names, and where it names
 * none, by the order of the file. An answer counts once, however many lines it has; the results of its calls follow it, whichever branch
 * their lines lie on.
 */
export const pastOf = (start: Node, chain: Chain, self?: Answer): Past => {
  const seen = new Set<Node>([start])
  const answers = new Set<Answer>(self === undefined ? [] : [self])
  const steps: Array<Node | Answer> = []
  let byOrder = false
  let cut = false
  let twins = false
  const bare = new Set<string>()
  const unworded = new Set<string>()
  let previous: Answer | undefined
  let root = start
  const parentOf = (node: Node): Node | undefined => {
    const moved = node.uuid === undefined ? undefined : chain.movedTo(node.uuid, start.seq)
    const name = moved ?? node.parent
    if (name === undefined) {
      if (node.before !== undefined) byOrder = true
      return node.before
    }
    const parent = chain.find(name, node.context.session)
    if (parent === undefined) cut = true
    return parent
  }
  const trigger = parentOf(start)
  for (let node = trigger; node !== undefined && !seen.has(node); ) {
    seen.add(node)
    if (node.ends !== undefined) {
      if (node.ends.by === "compaction") previous ??= node.ends.last
      break
    }
    root = node
    const { answer } = node
    if (answer === undefined) {
      if (node.messages.length > 0) steps.push(node)
      if (node.added !== undefined) (node.added.as === "bare" ? bare : unworded).add(node.added.kind)
      if (node.twin) twins = true
      node = parentOf(node)
      continue
    }
    if (!answers.has(answer)) {
      answers.add(answer)
      previous ??= answer
      if (!answer.failed) steps.push(answer)
    }
    const first: Node = answer.nodes[0] ?? node
    seen.add(first)
    if (answer !== self) root = first
    node = parentOf(first)
  }
  const messages = steps.reverse().flatMap((step): ReadonlyArray<Message> => {
    if ("seq" in step) return step.messages
    const results = step.resultsBefore(start.seq)
    return results === undefined ? [step.message] : [step.message, results]
  })
  return { messages, previous, trigger, root, byOrder, cut, twins, bare, unworded }
}
