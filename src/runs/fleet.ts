import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { serve } from "../standin/Fleet.ts"
import type { FleetWire } from "../standin/Profile.ts"
import { served } from "../standin/profiles.ts"

/** What the served fleet is, for a client and for a suite. */
export interface FleetDoc {
  readonly simulated: true
  readonly port: number
  /** What goes into a suite's `providers`, and which models are there. */
  readonly providers: ReadonlyArray<{
    readonly name: string
    readonly kind: "openai" | "anthropic" | "ollama"
    readonly baseURL: string
    readonly models: ReadonlyArray<{ readonly name: string; readonly about: string }>
  }>
}

const kinds: ReadonlyArray<{ readonly kind: FleetDoc["providers"][number]["kind"]; readonly wire: FleetWire }> = [
  { kind: "openai", wire: "openai.chat" },
  { kind: "anthropic", wire: "anthropic.messages" },
  { kind: "ollama", wire: "ollama.chat" }
]

const docOf = ({
  openaiURL,
  port,
  url
}: {
  readonly url: string
  readonly openaiURL: string
  readonly port: number
}) => ({
  simulated: true as const,
  port,
  providers: kinds.map(({ kind, wire }) => ({
    name: `fleet-${kind}`,
    kind,
    baseURL: kind === "openai" ? openaiURL : url,
    models: served.filter((one) => one.wire === wire).map(({ about, name }) => ({ name, about }))
  }))
})

/** The same for people: the lines that go into a suite, and the models of each provider. */
const fleetText = ({ providers }: FleetDoc): string =>
  [
    "The bundled fleet is being served. Its models are simulated: programs that know the tasks of the bundled sample archives and nothing else.",
    "",
    "In a suite:",
    "",
    "  providers: {",
    ...providers.map(
      ({ baseURL, kind, name }, i) =>
        `    "${name}": { kind: "${kind}", baseURL: "${baseURL}" }${i === providers.length - 1 ? "" : ","}`
    ),
    "  }",
    ...providers.flatMap(({ models, name }) => [
      "",
      `${name}:`,
      ...models.map((model) => `  ${model.name.padEnd(20)}${model.about}`)
    ]),
    "",
    "Prices are not set: give them in the suite, as suites/demo.suite.ts does. Ctrl-C ends it."
  ].join("\n")

/**
 * `fleet`: serves the bundled fleet at a port of the loopback address, 0 for any free one, until its scope closes, and tells what is there. A port that
 * is taken, or none at all, is a `Fault`.
 */
export const fleet = Effect.fn("Runs.fleet")(function* (port: number) {
  if (port < 0 || port > 65_535) {
    return yield* new Fault({
      kind: "usage",
      sentence: `--port ${port} is no port`,
      mend: "Ports go from 0, for any free one, to 65535."
    })
  }
  const doc: FleetDoc = docOf(yield* serve({ port }))
  return { doc, text: fleetText(doc) }
})
