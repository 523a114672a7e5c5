import { type NanoUsd, usd } from "../domain/Money.ts"
import type { Work } from "./works.ts"

/** What the block shows of a provider account. */
export interface AccountNow {
  readonly account: string
  readonly out: number
  readonly limit: number
  readonly paused?: { readonly why: "held" | "asked" | "quota" | "down"; readonly ms: number | null }
  readonly tokensPerSecond: { readonly input: number; readonly output: number }
}

/** Where a run stands at a moment. */
export interface RunNow {
  readonly run: string
  readonly elapsedMs: number
  readonly usd: NanoUsd
  /** The run's cap; `null`: none. */
  readonly cap: NanoUsd | null
  /** The money is not real: the bundled fleet's. */
  readonly simulated: boolean
  /** Nothing more is sent; it ends when what is out has come back. */
  readonly stopping: boolean
  readonly works: ReadonlyArray<Work>
  /** The account that answers a work, by its `what`. */
  readonly accountOf: ReadonlyMap<string, string>
  readonly accounts: ReadonlyArray<AccountNow>
}

/** The room there is, and whether colours may be used. */
export interface Paper {
  readonly columns: number
  readonly rows: number
  readonly colour: boolean
}

const plain = (text: string) => text
const painted = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`
const inks = (colour: boolean) => ({
  bold: colour ? painted(1) : plain,
  dim: colour ? painted(2) : plain,
  red: colour ? painted(31) : plain,
  yellow: colour ? painted(33) : plain
})

const grouped = (count: number) => Math.round(count).toLocaleString("en-US")

/** Dollars with as many places as are of interest while a run goes on. */
const dollars = (nano: NanoUsd) => `$${usd(nano).slice(0, nano >= 100_000_000_000n ? -7 : -5)}`

const short = (count: number) =>
  count < 1000 ? count.toFixed(0) : count < 999_500 ? `${(count / 1000).toFixed(1)}k` : `${(count / 1e6).toFixed(1)}M`

const clock = (ms: number) => {
  const seconds = Math.ceil(ms / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)]
  const rest = String(seconds % 60).padStart(2, "0")
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${String(minutes).padStart(2, "0")}:${rest}`
}

/** A text in so many columns at most: its ends tell setups apart, so the middle goes. */
export const shortened = (text: string, columns: number): string => {
  const signs = [...text]
  if (signs.length <= columns) return text
  const kept = Math.max(0, columns - 1)
  const head = Math.ceil(kept / 2)
  return `${signs.slice(0, head).join("")}…${signs.slice(signs.length - (kept - head)).join("")}`.slice(0, columns)
}

const why = { held: "held back by you", asked: "asked to wait", quota: "its quota is used up", down: "does not answer" }
const pauseOf = ({ account, paused }: AccountNow): ReadonlyArray<string> =>
  paused === undefined
    ? []
    : [`${account}: ${why[paused.why]}${paused.ms === null ? "" : `, again in ${clock(paused.ms)}`}`]

const heads = ["done", "failed", "in flight", "tok/s", "spend", "left"]

const cellsOf = (work: Work, now: RunNow): ReadonlyArray<string> => {
  const lane = now.accounts.find(({ account }) => account === now.accountOf.get(work.what))
  const at = work.active ? lane : undefined
  return [
    `${grouped(work.done)}/${grouped(work.total)}`,
    work.failed === 0 ? "" : grouped(work.failed),
    at === undefined ? "" : `${grouped(at.out)}/${grouped(at.limit)}`,
    at === undefined ? "" : short(at.tokensPerSecond.input + at.tokensPerSecond.output),
    dollars(work.usd),
    work.leftMs === null ? (work.done === work.total ? "done" : "") : work.active ? clock(work.leftMs) : ""
  ]
}

/** The works that there is room for: the one that goes on, and those that began last. */
const shown = (works: ReadonlyArray<Work>, most: number) => {
  if (works.length <= most) return works
  const active = works.filter((work) => work.active)
  const last = works.filter((work) => !work.active).slice(-Math.max(0, most - active.length))
  return works.filter((work) => active.includes(work) || (most > active.length && last.includes(work)))
}

/** The block as lines that fit the paper: a head, a line a setup, a line a paused account. No line is as wide as the terminal, which would wrap it. */
export const blockLines = (now: RunNow, { colour, columns, rows }: Paper): ReadonlyArray<string> => {
  const ink = inks(colour)
  const width = Math.max(1, columns - 1)
  const within = (text: string) => shortened(text, width)
  const money = `${dollars(now.usd)}${now.cap === null ? "" : ` of ${dollars(now.cap)}`}${now.simulated ? " (simulated)" : ""}`
  const held = now.accounts.length > 0 && now.accounts.every(({ paused }) => paused?.why === "held")
  const state = now.stopping ? "  stopping" : held ? "  paused" : ""
  const head = within(`run ${now.run}  ${clock(now.elapsedMs)}  ${money}${state}`)
  const pauses = now.stopping || held ? [] : now.accounts.flatMap(pauseOf)

  const room = Math.max(1, rows - 1)
  const works = shown(now.works, Math.max(1, room - 3 - pauses.length))
  const left = now.works.length - works.length
  const table = works.map((work) => cellsOf(work, now))
  const widths = heads.map((title, at) => Math.max(title.length, ...table.map((cells) => cells[at]!.length)))
  const figures = widths.reduce((sum, one) => sum + one + 2, 0)
  const names = Math.max(0, Math.min(width - figures - 2, Math.max(5, ...works.map(({ what }) => [...what].length))))
  const line = (name: string, cells: ReadonlyArray<string>) =>
    within(
      `  ${shortened(name, names).padEnd(names)}${cells.map((cell, at) => `  ${cell.padStart(widths[at]!)}`).join("")}`
    ).trimEnd()
  return [
    ink.bold(head),
    ...(works.length === 0 ? [] : [ink.dim(line("setup", heads))]),
    ...works.map((work, at) => {
      const text = line(work.what, table[at]!)
      return work.failed > 0 ? ink.red(text) : work.active ? text : ink.dim(text)
    }),
    ...(left === 0 ? [] : [ink.dim(within(`  and ${left} more`))]),
    ...pauses.map((text) => ink.yellow(within(`  ${text}`)))
  ].slice(0, room)
}
