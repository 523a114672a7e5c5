import { defineSuite } from "@understudy/harness"

/** The bundled fleet: `understudy demo code` serves it at a free port; for other commands start `understudy fleet`. */
const fleet = "http://127.0.0.1:8090"

/** The answer's module goes into a fresh copy of the fixture, and the tests of its kind run there, in a sandbox. */
const tests = {
  fixture: "../datasets/code-desk/fixture",
  // Labels of the case: which test file it is, and the parameters that the description named.
  command: ["node", "test/{label:task}.test.mjs", "{label:given}"],
  // Whoever may change the tests can pass them, and a program that ends before its tests has passed none.
  files: { keep: ["test", "package.json"] },
  counts: "node",
  timeoutSeconds: 20
} as const

/**
 * Code with tests and repairs: a dear model wrote small modules; would a cheap one do, if its failing tests are told to it?
 * The same command is check and grader. As a check it decides on repair rounds, each of which is paid for; as a grader it judges the final
 * answer, and the archived one as well. Archive, models and prices are simulated.
 */
export default defineSuite({
  name: "code",
  archive: { paths: ["../datasets/code-desk/calls.jsonl.gz"], format: "litellm" },
  // Each case is tested anew with every setup and every round: this, not the calls, is what takes time here.
  cases: { slice: "label:area", cluster: "session" },
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
    }
  },
  setups: [
    { provider: "fleet-openai", models: "sim-nano", repairs: 2 },
    { provider: "fleet-openai", models: "sim-small", repairs: [0, 2] }
  ],
  checks: [{ use: "command", options: tests }],
  graders: [{ use: "command", options: tests }],
  parity: { margin: 0.05, alpha: 0.05 }
})
