import { join, resolve } from "node:path"

import * as Effect from "effect/Effect"

import { renderers } from "../report/registry.ts"
import { renderReport } from "../report/render.ts"
import { Answers } from "../store/Answers.ts"
import { Runs } from "../store/Runs.ts"
import { checkFolder } from "./folder.ts"

/** Renders a run's report; where it goes is looked at first. The document lists the files written. */
export const writeReport = Effect.fn("Runs.report")(function* (
  run: string,
  input: { readonly formats: ReadonlyArray<string>; readonly out: string | undefined }
) {
  const runs = yield* Runs
  const { run: id } = yield* runs.manifest(run)
  const formats = input.formats.length === 0 ? renderers.map((renderer) => renderer.id) : input.formats
  const folder = input.out ?? join("reports", id)
  yield* checkFolder("--out", folder)
  const files = yield* renderReport(id, formats, resolve(folder))
  return { doc: { run: id, files }, text: files.map((file) => `wrote ${file}`).join("\n") }
}, Effect.provide(Answers.layer))
