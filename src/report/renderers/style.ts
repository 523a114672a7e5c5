/** The page's whole style, inline: it reads on a wide screen, on a telephone, on paper, in light and in dark. */
export const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #ffffff; --panel: #f6f8fa; --line: #d0d7de; --parity: #0072b2; --none: #c04c00; --inconclusive: #6e6e6e; --note: #8a6100; --tint: 12%; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #a3adb8; --paper: #14171b; --panel: #1d2127; --line: #39414a; --parity: #5cb3e6; --none: #f09050; --inconclusive: #b0b0b0; --note: #e0b050; --tint: 16%; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
.page { max-width: 76rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
p, li { max-width: 48rem; overflow-wrap: anywhere; }
h1 { font-size: clamp(1.05rem, 0.85rem + 1vw, 1.45rem); line-height: 1.35; margin: 0.3rem 0 1rem; max-width: 62rem; overflow-wrap: anywhere; text-wrap: pretty; }
h2 { font-size: 1.3rem; margin: 3rem 0 0.8rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 2rem 0 0.6rem; overflow-wrap: anywhere; }
.eyebrow, .source, nav { color: var(--soft); font-size: 0.85rem; }
.eyebrow { margin: 0; }
.source { margin: 0.4rem 0 1.6rem; max-width: 62rem; overflow-wrap: anywhere; }
nav ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; }
a { color: inherit; }
a:focus-visible, .wide:focus-visible { outline: 2px solid var(--parity); outline-offset: 2px; }
.callout { --tone: var(--inconclusive); max-width: 54rem; margin: 1rem 0; padding: 0.8rem 1rem; border-left: 5px solid var(--tone); background: color-mix(in srgb, var(--tone) var(--tint), var(--paper)); overflow-wrap: anywhere; }
.callout strong { color: var(--tone); display: block; font-size: 0.8rem; letter-spacing: 0.06em; text-transform: uppercase; }
.callout.parity { --tone: var(--parity); } .callout.none { --tone: var(--none); } .callout.note { --tone: var(--note); }
.wide { overflow-x: auto; margin: 1rem 0 0; }
table { border-collapse: collapse; font-size: 0.85rem; min-width: 30rem; }
caption { text-align: left; color: var(--soft); padding: 0 0 0.5rem; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.55rem; border-bottom: 1px solid var(--line); overflow-wrap: break-word; max-width: 24rem; }
thead th { border-bottom: 2px solid var(--line); font-weight: 600; }
tbody th { font-weight: 600; min-width: 9rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
figure { margin: 1rem 0 0; }
.drawing svg { display: block; width: 100%; max-width: 58rem; height: auto; }
figure + ul { columns: 18rem; max-width: none; list-style: none; padding: 0; font-size: 0.9rem; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0.8rem; }
.side { min-width: 0; }
.side h4 { font-size: 0.8rem; margin: 0 0 0.25rem; color: var(--soft); font-weight: 600; }
pre { margin: 0; padding: 0.6rem 0.75rem; background: var(--panel); border: 1px solid var(--line); border-radius: 4px; font: 0.8rem/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 24rem; overflow: auto; unicode-bidi: isolate; }
.absent { color: var(--soft); font-style: italic; margin: 0; }
@media (prefers-color-scheme: dark) { .drawing { filter: brightness(1.35); } }
@media screen and (max-width: 40rem) { .drawing svg { overflow: visible; } .drawing text { font-size: 15px; } }
@media print {
  .drawing { filter: none; }
  :root { color-scheme: light; --ink: #000; --soft: #444; --paper: #fff; --panel: #f6f8fa; --line: #bbb; --parity: #0072b2; --none: #c04c00; --inconclusive: #6e6e6e; --note: #8a6100; --tint: 10%; }
  body { font-size: 10pt; } .page { max-width: none; padding: 0; } nav { display: none; }
  table { font-size: 7.5pt; min-width: 0; width: 100%; } th, td { padding: 0.2rem 0.35rem; } td.number { white-space: normal; } tbody th { min-width: 0; }
  .wide { overflow: visible; } pre { max-height: none; overflow: visible; font-size: 7.5pt; }
  h2, h3, caption { break-after: avoid; } tr, figure, .callout { break-inside: avoid; } thead { display: table-header-group; }
}
`.trim()
