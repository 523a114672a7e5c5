import { join } from "node:path"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { makeFolder, onDisk, writeAtomically } from "../store/disk.ts"
import type { Renderer } from "./contract.ts"
import { reportData } from "./data.ts"
import { renderers, renderSections } from "./registry.ts"

/** Finds the renderers of the formats asked for; fails with the formats there are when one is unknown. */
const renderersOf = (formats: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<Renderer>, Fault> =>
  Effect.forEach([...new Set(formats)], (format) => {
    const renderer = renderers.find(({ id }) => id === format)
    return renderer === undefined
      ? Effect.fail(
          new Fault({
            kind: "usage",
            sentence: `there is no report format "${format}"`,
            mend: `The formats there are: ${renderers.map(({ id }) => id).join(", ")}.`
          })
        )
      : Effect.succeed(renderer)
  })

/**
 * Writes a run's report into `folder` (made when it is not there) in each of the formats (`html`, `md`, `json`, `csv`): `report.html` and so on.
 * All texts are made before the first file is written, and a file is replaced as a whole or not at all. Gives the paths written, in the order asked for.
 * `latest` names the newest finished run.
 */
export const renderReport = Effect.fn("Report.render")(function* (
  run: string,
  formats: ReadonlyArray<string>,
  folder: string
) {
  const chosen = yield* renderersOf(formats)
  const data = yield* reportData(run)
  const sections = yield* Effect.cached(renderSections(data))
  const files = yield* Effect.forEach(chosen, (renderer) =>
    Effect.map(renderer.render(data, sections), (text) => ({ target: join(folder, renderer.file), text }))
  )
  yield* onDisk(folder, () => makeFolder(folder))
  yield* Effect.forEach(files, ({ target, text }) => onDisk(target, () => writeAtomically(target, text)), {
    discard: true
  })
  return files.map(({ target }) => target)
})
