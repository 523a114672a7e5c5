import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The bundled suites that `demo` can run, the first where none is named. Each has its file, `suites/NAME.suite.ts`. */
export const bundledSuites = ["demo", "extraction", "tools", "code", "replies"] as const
export type BundledSuite = (typeof bundledSuites)[number]

/** The file of a bundled suite: above src/runs/ in a checkout, above dist/ in the package. */
export const bundledFile = (name: BundledSuite): string => {
  const places = ["../../suites", "../suites"].map((folder) =>
    fileURLToPath(new URL(`${folder}/${name}.suite.ts`, import.meta.url))
  )
  return places.find((path) => existsSync(path)) ?? places[0]!
}
