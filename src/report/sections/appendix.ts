import * as Effect from "effect/Effect"

import type { RunResult } from "../../domain/RunResult.ts"
import type { Piece, Section } from "../contract.ts"
import { count } from "../figures.ts"
import { byCost } from "../subject.ts"

const table = (
  result: RunResult,
  title: string,
  from: string,
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  numeric: ReadonlyArray<number> = []
): ReadonlyArray<Piece> =>
  rows.length === 0
    ? []
    : [{ _tag: "Table", title, head, rows, numeric, source: `Rows: ${from} of run ${result.run} (report.json).` }]

/** What an auditor asks for: prices with dates, hosts, versions, digests, ids, and what became of calls that are no case. */
export const appendix: Section = {
  id: "appendix",
  title: "Appendix",
  render: ({ result }) => {
    const { archive } = result
    const left = Object.entries(archive.left)
    return Effect.succeed([
      ...table(
        result,
        "Prices, US dollars per million tokens",
        "prices[]",
        ["Provider", "Model", "Input", "Output", "Source", "As of"],
        result.prices.map(({ asOf, input, model, output, provider, source }) => [
          provider,
          model,
          input,
          output,
          source,
          asOf
        ]),
        [2, 3]
      ),
      ...table(
        result,
        "Machines of your own, US dollars an hour, and the utilisation that is assumed",
        "machines[]",
        ["Provider", "Model", "An hour", "Utilisation", "Source", "As of"],
        (result.machines ?? []).map(({ asOf, model, provider, source, usdPerHour, utilisation }) => [
          provider,
          model,
          usdPerHour,
          utilisation,
          source,
          asOf
        ]),
        [2, 3]
      ),
      ...table(
        result,
        "Providers that were asked",
        "providers[]",
        ["Name", "Kind", "Host"],
        result.providers.map(({ host, kind, name }) => [name, kind, host])
      ),
      ...table(
        result,
        "Calls of the archive",
        "archive",
        ["What", "Calls"],
        [
          ["In the archive", count(archive.calls)],
          ["Became a case", count(archive.cases)],
          ...left.map(([reason, calls]) => [`Left out: ${reason}`, count(calls)])
        ],
        [1]
      ),
      ...table(
        result,
        "Setups",
        "standings[].setup and untried[].setup",
        ["Setup", "Id", "Configuration"],
        [...byCost(result.standings), ...result.untried].map(({ setup }) => [
          setup.label,
          setup.id,
          Object.entries(setup.configuration)
            .map(([axis, value]) => `${axis}=${value}`)
            .join(", ") || "as recorded"
        ])
      ),
      ...table(
        result,
        "Versions",
        "versions",
        ["What", "Version"],
        Object.entries(result.versions).map(([name, version]) => [name, version])
      ),
      ...table(
        result,
        "Digests (SHA-256)",
        "digests, suite.digest and archive.digest",
        ["What", "Digest"],
        [
          [`Suite ${result.suite.name}`, result.suite.digest],
          [`Archive ${archive.name}`, archive.digest],
          ...Object.entries(result.digests)
        ].map(([name, digest]) => [name ?? "", digest ?? ""])
      )
    ])
  }
}
