import { defineSuite } from "@understudy/harness"

/** The bundled fleet: `understudy demo tools` serves it at a free port; for other commands start `understudy fleet`. */
const fleet = "http://127.0.0.1:8090"

/**
 * Tool calls: the steps of an agent that looks an order up and then acts on it. A check asks for calls that the tools can take; the grader pairs
 * the calls with the archived ones and compares their arguments. Archive, models and prices are simulated.
 */
export default defineSuite({
  name: "tools",
  archive: { paths: ["../datasets/support-desk/calls.jsonl.gz"], format: "litellm" },
  cases: {
    where: { labels: { taskType: "act" } },
    slice: "label:taskType",
    // Steps of one ticket belong together: they are drawn together when the error is worked out.
    cluster: "session",
    sample: { size: 240, seed: 7 }
  },
  incumbent: { provider: "fleet-openai", model: "sim-premium-large" },
  noiseFloor: { repeats: 1 },
  providers: {
    "fleet-openai": {
      kind: "openai",
      baseURL: `${fleet}/v1`,
      prices: {
        "sim-premium-large": { input: "5", cacheRead: "0.5", output: "25" },
        "sim-nano": { input: "0.05", cacheRead: "0.005", output: "0.4" },
        "sim-small": { input: "0.5", cacheRead: "0.05", output: "2.2" }
      }
    },
    "fleet-anthropic": {
      kind: "anthropic",
      baseURL: fleet,
      prices: { "sim-swift": { input: "0.08", output: "0.4" } }
    },
    "fleet-ollama": {
      kind: "ollama",
      baseURL: fleet,
      prices: { "sim-local-8b": { input: "0.03", output: "0.08" } }
    }
  },
  setups: [
    { provider: "fleet-openai", models: ["sim-nano", "sim-small"] },
    { provider: "fleet-anthropic", models: "sim-swift" },
    { provider: "fleet-ollama", models: "sim-local-8b" }
  ],
  checks: [{ use: "toolArguments" }],
  graders: [{ use: "toolCalls" }],
  parity: { margin: 0.05, alpha: 0.05 }
})
