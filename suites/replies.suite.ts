import { defineSuite } from "@understudy/harness"

/** The bundled fleet: `understudy demo replies` serves it at a free port; for other commands start `understudy fleet`. */
const fleet = "http://127.0.0.1:8090"

/**
 * Free text with a judge: replies to customers, of which no two are alike. A model compares each reply with the archived one, in both orders; no
 * worse is one half. The judge's money has a cap of its own. Archive, models and prices are simulated, the judge too.
 */
export default defineSuite({
  name: "replies",
  archive: { paths: ["../datasets/support-desk/calls.jsonl.gz"], format: "litellm" },
  cases: { where: { labels: { taskType: "reply" } }, slice: "label:taskType", cluster: "session" },
  incumbent: { provider: "fleet-openai", model: "sim-premium-large" },
  // Not for a noise floor, which a preference does not need: to see whether the archive kept only accepted answers.
  noiseFloor: { repeats: 1 },
  providers: {
    "fleet-openai": {
      kind: "openai",
      baseURL: `${fleet}/v1`,
      prices: {
        "sim-premium-large": { input: "5", cacheRead: "0.5", output: "25" },
        "sim-small": { input: "0.5", cacheRead: "0.05", output: "2.2" },
        "sim-judge": { input: "1", cacheRead: "0.1", output: "4" }
      }
    },
    "fleet-anthropic": {
      kind: "anthropic",
      baseURL: fleet,
      prices: { "sim-middle": { input: "0.5", output: "2.5" } }
    },
    "fleet-ollama": {
      kind: "ollama",
      baseURL: fleet,
      prices: { "sim-local-8b": { input: "0.03", output: "0.08" } }
    }
  },
  setups: [
    { provider: "fleet-openai", models: "sim-small" },
    { provider: "fleet-anthropic", models: "sim-middle" },
    { provider: "fleet-ollama", models: "sim-local-8b" }
  ],
  graders: [{ use: "judge", options: { provider: "fleet-openai", model: "sim-judge" } }],
  parity: { margin: 0.05, alpha: 0.05 },
  budget: { usd: 20, judgeUsd: 5 }
})
