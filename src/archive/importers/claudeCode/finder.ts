import type { Answer } from "./answer.ts"
import type { Node } from "./node.ts"
import type { ToolCall } from "./tools.ts"

/** Finds lines, answers and calls of tools by their names. */
export class Finder {
  /** By uuid. */
  readonly nodes = new Map<string, Node>()
  /** By the id of the call. */
  readonly tools = new Map<string, ToolCall>()
  /** By session and message id. */
  readonly answers = new Map<string, ReadonlyArray<Answer>>()

  /** Takes out what lies in one file: `isOf` tells a line of it. */
  split(file: string, isOf: (node: Node) => boolean): Finder {
    const part = new Finder()
    const move = <A>(from: Map<string, A>, to: Map<string, A>, isMoved: (value: A) => boolean) => {
      for (const [name, value] of from) {
        if (!isMoved(value)) continue
        to.set(name, value)
        from.delete(name)
      }
    }
    move(this.nodes, part.nodes, isOf)
    move(this.tools, part.tools, ({ answer }) => answer.file === file)
    move(this.answers, part.answers, (answers) => answers.every((answer) => answer.file === file))
    return part
  }
}
