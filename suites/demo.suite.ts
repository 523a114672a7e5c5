import { defineSuite } from "@understudy/harness"

/** The bundled fleet, which `understudy demo` serves at a free port for as long as it runs, and puts in this address's place. */
const fleet = "http://127.0.0.1:8090"

/**
 * The bundled demonstration: a support desk asked one dear model for everything; which cheaper setup does the same work?
 * Archive and models are simulated, and so are these prices, in US dollars per million tokens.
 */
export default defineSuite({
  name: "demo",
  archive: { paths: ["../datasets/support-desk/calls.jsonl.gz"], format: "litellm" },
  cases: { slice: "label:taskType", cluster: "session" },
  incumbent: { provider: "fleet-openai", model: "sim-premium-large" },
  noiseFloor: { repeats: 1 },
  providers: {
    "fleet-openai": {
      kind: "openai",
      baseURL: `${fleet}/v1`,
      prices: {
        "sim-premium-large": { input: "5", cacheRead: "0.5", output: "25" },
        "sim-nano": { input: "0.05", cacheRead: "0.005", output: "0.4" },
        "sim-small": { input: "0.5", cacheRead: "0.05", output: "2.2" },
        "sim-thinker": { input: "0.5", cacheRead: "0.05", output: "2.5" }
      }
    },
    "fleet-anthropic": {
      kind: "anthropic",
      baseURL: fleet,
      prices: {
        "sim-swift": { input: "0.08", output: "0.4" },
        "sim-scribe": { input: "0.13", output: "0.9" },
        "sim-middle": { input: "0.5", output: "2.5" },
        "sim-grand": { input: "1.2", output: "6" }
      }
    },
    "fleet-ollama": {
      kind: "ollama",
      baseURL: fleet,
      prices: {
        "sim-local-8b": { input: "0.03", output: "0.08" },
        "sim-local-30b": { input: "0.1", output: "0.3" }
      }
    }
  },
  setups: [
    { provider: "fleet-openai", models: ["sim-nano", "sim-thinker"] },
    { provider: "fleet-openai", models: "sim-small", repairs: [0, 2] },
    { provider: "fleet-anthropic", models: ["sim-swift", "sim-scribe", "sim-middle", "sim-grand"] },
    { provider: "fleet-ollama", models: ["sim-local-8b", "sim-local-30b"] }
  ],
  checks: [{ use: "jsonSchema", options: { from: "request" } }],
  graders: [{ use: "./graders/sameWork.ts" }],
  parity: { margin: 0.05, alpha: 0.05 }
})
