const known: ReadonlyArray<readonly [family: string, name: RegExp]> = [
  ["openai", /(?<![a-z])(?:gpt|chatgpt|codex|davinci)|(?<![a-z0-9])o[1-9](?![a-z0-9.])/],
  ["anthropic", /(?<![a-z])claude/],
  ["google", /(?<![a-z])(?:gemini|gemma)/],
  ["meta", /(?<![a-z])llama/],
  ["mistral", /(?<![a-z])(?:mistral|mixtral|ministral|codestral|devstral|magistral|pixtral)/],
  ["qwen", /(?<![a-z])(?:qwen|qwq|qvq)/],
  ["deepseek", /(?<![a-z])deepseek/],
  ["microsoft", /(?<![a-z])phi-?\d/],
  ["cohere", /(?<![a-z])(?:command-|aya-)/],
  ["xai", /(?<![a-z])grok/],
  ["zhipu", /(?<![a-z])(?:chat)?glm/],
  ["moonshot", /(?<![a-z])(?:kimi|moonshot)/],
  ["amazon", /(?<![a-z])(?:nova|titan)-/],
  ["ai21", /(?<![a-z])(?:jamba|jurassic)/],
  ["01.ai", /(?<![a-z])yi-/],
  ["nvidia", /(?<![a-z])nemotron/],
  ["ibm", /(?<![a-z])granite/],
  ["minimax", /(?<![a-z])(?:minimax|abab)/],
  ["bytedance", /(?<![a-z])doubao/],
  ["baidu", /(?<![a-z])ernie/],
  ["tencent", /(?<![a-z])hunyuan/],
  ["tii", /(?<![a-z])falcon/],
  ["ai2", /(?<![a-z])(?:olmo|tulu)/]
]

/**
 * The families that a model's name tells of, several for a distillate (`deepseek-r1-distill-llama-70b`). A name that is not known is a family of
 * its own, version and size left out: `acme-7b` and `acme-70b` are one.
 */
export const familiesOf = (model: string): ReadonlyArray<string> => {
  const name = model.toLowerCase()
  const found = known.flatMap(([family, pattern]) => (pattern.test(name) ? [family] : []))
  if (found.length > 0) return found
  const last = name.split("/").at(-1)!.split(":")[0]!
  const stem = last.replace(/[-_.]?v?\d.*$/, "")
  return [stem === "" ? last : stem]
}
