import type { CallResponse, StopReason, Usage } from "./Call.ts"
import type { Block } from "./Message.ts"

/** One call of a tool: `arguments` parsed; where they were not JSON, `{}` and the reason in `error`. */
export interface ToolCall {
  readonly name: string
  readonly arguments: unknown
  readonly error?: string
}

/** What graders and checks see of an answer, the original's and a setup's alike. */
export interface Answer {
  /** All text blocks, joined by a newline; a refusal's text is in here too. */
  readonly text: string
  readonly toolCalls: ReadonlyArray<ToolCall>
  readonly finish: StopReason
  readonly usage: Usage | null
}

const textOf = (block: Block) => (block.type === "text" || block.type === "refusal" ? [block.text] : [])

/** The grader's view of a response. */
export const answerOf = (response: CallResponse, usage: Usage | null): Answer => ({
  text: response.blocks.flatMap(textOf).join("\n"),
  toolCalls: response.blocks.flatMap((block) =>
    block.type === "tool_use"
      ? [
          {
            name: block.name,
            arguments: block.input,
            ...(block.inputError === undefined ? {} : { error: block.inputError })
          }
        ]
      : []
  ),
  finish: response.stopReason,
  usage
})
