import { defineSuite } from "@understudy/harness"

/** The bundled fleet: `understudy demo extraction` serves it at a free port; for other commands start `understudy fleet`. */
const fleet = "http://127.0.0.1:8090"

/**
 * JSON extraction: facts out of customers' messages. A check asks for JSON of the form that all archived answers have, and repair rounds mend what
 * has not; the grader compares field by field with the archived answer. Archive, models and prices are simulated.
 */
export default defineSuite({
  name: "extraction",
  archive: { paths: ["../datasets/support-desk/calls.jsonl.gz"], format: "litellm" },
  cases: {
    where: { labels: { taskType: "extract" } },
    slice: "label:taskType",
    cluster: "session",
    // A share of the cases, chosen by the seed, is enough for a verdict and quick.
    sample: { size: 150, seed: 7 }
  },
  incumbent: { provider: "fleet-openai", model: "sim-premium-large" },
  noiseFloor: { repeats: 1 },
  providers: {
    "fleet-openai": {
      kind: "openai",
      baseURL: `${fleet}/v1`,
      prices: {
        "sim-premium-large": { input: "5", cacheRead: "0.5", output: "25" },
        "sim-small": { input: "0.5", cacheRead: "0.05", output: "2.2" }
      }
    },
    "fleet-anthropic": {
      kind: "anthropic",
      baseURL: fleet,
      prices: { "sim-swift": { input: "0.08", output: "0.4" }, "sim-middle": { input: "0.5", output: "2.5" } }
    }
  },
  setups: [
    { provider: "fleet-openai", models: "sim-small", repairs: [0, 2] },
    { provider: "fleet-anthropic", models: ["sim-swift", "sim-middle"] }
  ],
  checks: [{ use: "jsonSchema", options: { from: "archive" } }],
  // The summary is prose, which nobody compares by letters.
  graders: [{ use: "jsonEqual", options: { ignore: ["summary"] } }],
  parity: { margin: 0.05, alpha: 0.05 }
})
