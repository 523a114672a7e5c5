import * as Effect from "effect/Effect"

import type { Fault } from "../domain/Fault.ts"
import type { RenderedSection, Renderer, ReportData, Section } from "./contract.ts"
import { csv } from "./renderers/csv.ts"
import { html } from "./renderers/html.ts"
import { json } from "./renderers/json.ts"
import { markdown } from "./renderers/markdown.ts"
import { appendix } from "./sections/appendix.ts"
import { chart } from "./sections/chart.ts"
import { checks } from "./sections/checks.ts"
import { judges } from "./sections/judges.ts"
import { loop } from "./sections/loop.ts"
import { method } from "./sections/method.ts"
import { money } from "./sections/money.ts"
import { path } from "./sections/path.ts"
import { selfHosted } from "./sections/selfHosted.ts"
import { slices } from "./sections/slices.ts"
import { standings } from "./sections/standings.ts"
import { untried } from "./sections/untried.ts"
import { verdict } from "./sections/verdict.ts"
import { worst } from "./sections/worst.ts"

/** The sections of a report, in the order in which they are read. A new one: its file and a line here. */
export const sections: ReadonlyArray<Section> = [
  verdict,
  chart,
  standings,
  loop,
  selfHosted,
  slices,
  judges,
  checks,
  untried,
  path,
  worst,
  money,
  method,
  appendix
]

/** The formats of a report. A new one: its file and a line here. */
export const renderers: ReadonlyArray<Renderer> = [html, markdown, json, csv]

/** Makes all sections; those without pieces are left out. */
export const renderSections = (data: ReportData): Effect.Effect<ReadonlyArray<RenderedSection>, Fault> =>
  Effect.map(
    Effect.forEach(sections, (section) =>
      Effect.map(section.render(data), (pieces) => ({ id: section.id, title: section.title, pieces }))
    ),
    (all) => all.filter(({ pieces }) => pieces.length > 0)
  )
