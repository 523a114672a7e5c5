import type { Dialect } from "./dialect.ts"
import { sse } from "./dialect.ts"
import { openaiChat } from "./openaiChat.ts"

const harmless = { hate: { filtered: false, severity: "safe" } }

/** Chat completions as Azure serves them: by deployment, with what its filter thought of prompt and answer. */
export const azureChat: Dialect = {
  ...openaiChat,
  address: (url) => url,
  path: "/openai/deployments/model-1/chat/completions?api-version=2024-10-21",
  body: (said) => ({
    ...openaiChat.body(said),
    prompt_filter_results: [{ prompt_index: 0, content_filter_results: harmless }]
  }),
  heads: 2,
  pieces: (said) => [
    sse({ id: "", object: "", model: "", choices: [], prompt_filter_results: [{ prompt_index: 0 }] }),
    ...openaiChat.pieces(said)
  ],
  error: (message, code) => ({ error: { code, message } }),
  key: (headers) => headers["api-key"],
  quota: {
    headers: { "x-ratelimit-remaining-requests": "9", "x-ratelimit-remaining-tokens": "1000" },
    left: { requests: { remaining: 9 }, tokens: { remaining: 1000 } }
  }
}
