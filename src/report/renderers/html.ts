import * as Effect from "effect/Effect"

import type { Piece, RenderedSection, Renderer, ReportData } from "../contract.ts"
import { visible } from "../plain.ts"
import { verdictSentence } from "../wording.ts"
import { style } from "./style.ts"

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}

/** Foreign text for element content and quoted attributes: nothing in it is markup, control characters can be seen. */
export const escaped = (text: string): string => visible(text).replace(/[&<>"']/g, (character) => entities[character]!)

const source = (text: string | undefined) => (text === undefined ? "" : `<p class="source">${escaped(text)}</p>`)

const table = (piece: Extract<Piece, { _tag: "Table" }>) => {
  const numeric = (at: number) => (piece.numeric?.includes(at) === true ? ' class="number"' : "")
  const head = piece.head.map((cell, at) => `<th scope="col"${numeric(at)}>${escaped(cell)}</th>`).join("")
  const rows = piece.rows.map((cells) => {
    const row = cells.map((cell, at) =>
      at === (piece.rowHead ?? 0)
        ? `<th scope="row"${numeric(at)}>${escaped(cell)}</th>`
        : `<td${numeric(at)}>${escaped(cell)}</td>`
    )
    return `<tr>${row.join("")}</tr>`
  })
  const caption = piece.title === undefined ? "" : `<caption>${escaped(piece.title)}</caption>`
  const label = escaped(piece.title ?? piece.head.join(", "))
  return `<div class="wide" role="region" tabindex="0" aria-label="${label}"><table>${caption}<thead><tr>${head}</tr></thead><tbody>${rows.join("\n")}</tbody></table></div>${source(piece.source)}`
}

const block = (piece: Piece): string => {
  switch (piece._tag) {
    case "Paragraph":
      return `<p>${escaped(piece.text)}</p>`
    case "Callout":
      return `<div class="callout ${piece.tone}" role="note"><strong>${escaped(piece.head)}</strong>${escaped(piece.text)}</div>`
    case "List":
      return `<ul>${piece.items.map((item) => `<li>${escaped(item)}</li>`).join("")}</ul>`
    case "Table":
      return table(piece)
    case "Chart":
      // Our own drawing, whose texts its library escapes; in a page it needs no name spaces.
      return `<figure><div class="drawing" role="img" aria-label="${escaped(piece.alt)}">${piece.svg.replace(/ xmlns(:\w+)?="[^"]*"/g, "")}</div>${source(piece.source)}</figure>`
    case "Folded":
      return `<details><summary>${escaped(piece.title)}</summary><pre dir="auto" tabindex="0">${escaped(piece.text)}</pre></details>`
    case "Compare": {
      const sides = piece.sides.map(({ absent, head, text }) => {
        const body =
          absent === true
            ? `<p class="absent">${escaped(text)}</p>`
            : `<pre dir="auto" tabindex="0">${escaped(text)}</pre>`
        return `<div class="side"><h4>${escaped(head)}</h4>${body}</div>`
      })
      return `<h3>${escaped(piece.title)}</h3><div class="sides">${sides.join("")}</div>`
    }
  }
}

const page = ({ result }: ReportData, sections: ReadonlyArray<RenderedSection>) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(`Understudy: ${result.suite.name}, run ${result.run}`)}</title>
<style>${style}</style>
</head>
<body>
<div class="page">
<header>
<p class="eyebrow">${escaped(`Understudy · ${result.command} of ${result.suite.name} · run ${result.run} · ended ${result.endedAt}`)}</p>
<h1>${escaped(verdictSentence(result))}</h1>
<nav aria-label="Sections"><ul>${sections.map(({ id, title }) => `<li><a href="#${escaped(id)}">${escaped(title)}</a></li>`).join("")}</ul></nav>
</header>
<main>
${sections
  .map(
    ({ id, pieces, title }) =>
      `<section id="${escaped(id)}" aria-labelledby="${escaped(id)}-title"><h2 id="${escaped(id)}-title">${escaped(title)}</h2>\n${pieces.map(block).join("\n")}</section>`
  )
  .join("\n")}
</main>
</div>
</body>
</html>
`

/** The report as one page that needs nothing else: no script, no request, everything inline. Its first heading is the verdict. */
export const html: Renderer = {
  id: "html",
  file: "report.html",
  render: (data, sections) => Effect.map(sections, (all) => page(data, all))
}
