import manifest from "../../package.json" with { type: "json" }

/** Versions that a run is recorded with. */
export const versions: Readonly<Record<string, string>> = {
  understudy: manifest.version,
  node: process.versions.node,
  effect: manifest.dependencies.effect,
  duckdb: manifest.dependencies["@duckdb/node-api"],
  platform: `${process.platform}-${process.arch}`
}
