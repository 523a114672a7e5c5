import type { Signal } from "../../../domain/Call.ts"
import type { ToolResultBlock, ToolUseBlock } from "../../../domain/Message.ts"
import { arrayIn, objectIn, textIn, unpacked } from "../../json.ts"
import { testSignal } from "../../testCommands.ts"
import type { Draft } from "./call.ts"

const shells = new Set(["shell", "local_shell", "exec_command", "shell_command", "container.exec"])

/** The command of a shell call as one text; `undefined` for other tools. */
const commandOf = ({ input, name }: ToolUseBlock): string | undefined => {
  const asked = objectIn(input)
  if (asked === undefined || !shells.has(name)) return undefined
  const { cmd, command } = asked
  const words = arrayIn(command)?.map(textIn)
  if (words === undefined) return textIn(cmd) ?? textIn(command)
  const wrapped =
    /^(?:.*\/)?(?:ba|z|da)?sh$/.test(words[0] ?? "") && /^-l?c$/.test(words[1] ?? "") && words.length === 3
  return wrapped ? words[2] : words.includes(undefined) ? undefined : words.join(" ")
}

/** The exit status that a shell's result tells, in any of the forms Codex has written. */
const exitIn = (text: string): number | undefined => {
  const metadata = objectIn(objectIn(unpacked(text))?.["metadata"])
  if (typeof metadata?.["exit_code"] === "number") return metadata["exit_code"]
  const head = text.split(/^Output:/m, 1)[0]!
  const told = /^(?:Exit code:|Process exited with code) (\d+)$/m.exec(head)?.[1]
  return told === undefined ? undefined : Number(told)
}

/** The calls of a rollout whose results say more than their words. */
export class ShellCalls {
  readonly #calls = new Map<string, { readonly block: ToolUseBlock; readonly draft: Draft }>()

  /** Takes what the model has called. */
  began(draft: Draft): void {
    for (const block of draft.blocks)
      if (block.type === "tool_use" && (shells.has(block.name) || block.name === "spawn_agent"))
        this.#calls.set(block.id, { block, draft })
  }

  /** What a result tells: how a test run ended, or which thread was started, and by which call. */
  ended(
    result: ToolResultBlock,
    at: string | undefined
  ): {
    readonly signal: Signal | undefined
    readonly started: string | undefined
    readonly startedBy: Draft | undefined
  } {
    const call = this.#calls.get(result.toolUseId)
    this.#calls.delete(result.toolUseId)
    const text = result.content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n")
    if (call?.block.name === "spawn_agent") {
      const started = /"(?:agent_id|thread_id)"\s*:\s*"([0-9a-f-]{36})"/.exec(text)?.[1]
      return { signal: undefined, started, startedBy: call.draft }
    }
    const command = call === undefined ? undefined : commandOf(call.block)
    const exitCode = command === undefined ? undefined : exitIn(text)
    const signal =
      command === undefined || exitCode === undefined
        ? undefined
        : testSignal({ command, exitCode, output: text.slice(0, 2000), at })
    return { signal, started: undefined, startedBy: undefined }
  }
}
