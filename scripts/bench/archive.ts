import { closeSync, openSync, writeSync } from "node:fs"

/** The i-th prompt: about 1.5 KB, no two alike. */
export const promptOf = (i: number): string =>
  `Ticket ${i}. ${`The parcel of order ${i} has not arrived and the customer asks what to do. `.repeat(20)}`

/** Writes `count` archived calls in LiteLLM's form, in sessions of five. */
export const writeArchive = (file: string, count: number): void => {
  const out = openSync(file, "w")
  for (let i = 0; i < count; i++) {
    const id = `call-${i}`
    writeSync(
      out,
      `${JSON.stringify({
        id,
        call_type: "acompletion",
        status: "success",
        custom_llm_provider: "openai",
        startTime: 1_780_000_000 + i,
        endTime: 1_780_000_001 + i,
        model: "premium",
        model_parameters: { max_tokens: 16 },
        messages: [{ role: "user", content: promptOf(i) }],
        response: {
          id,
          object: "chat.completion",
          created: 1_780_000_000 + i,
          model: "premium",
          choices: [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }],
          usage: { prompt_tokens: 400, completion_tokens: 1, total_tokens: 401 }
        },
        metadata: { session_id: `session-${Math.floor(i / 5)}` }
      })}\n`
    )
  }
  closeSync(out)
}
