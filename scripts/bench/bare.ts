/** The other side: a loop over the plain openai SDK with its own fetch, bounded by p-limit. Nothing is kept, nothing is graded. */
import OpenAI from "openai"
import pLimit from "p-limit"

import { promptOf } from "./archive.ts"
import { measure } from "./side.ts"

const [baseURL = "", count = "0", concurrency = "64", stream = ""] = process.argv.slice(2)
const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 })
const limit = pLimit(Number(concurrency))

const ask = async (i: number) => {
  const request = { model: "sim-echo", messages: [{ role: "user" as const, content: promptOf(i) }], max_tokens: 16 }
  if (stream === "") {
    const answer = await client.chat.completions.create(request)
    return answer.choices[0]?.message.content
  }
  let text = ""
  for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
    text += chunk.choices[0]?.delta.content ?? ""
  }
  return text
}

await measure(Number(count), () => Promise.all(Array.from({ length: Number(count) }, (_, i) => limit(() => ask(i)))))
