import type { Verdict } from "../domain/Standing.ts"
import { points as inPoints, pointsOf } from "./figures.ts"
import { placeLabels } from "./labels.ts"
import type { TopLevelSpec } from "./vega.ts"

/** A setup in the chart. Differences and bound in [-1,1]; cost in dollars per case, above zero. */
export interface PlotPoint {
  readonly label: string
  /** Stands beside the point. */
  readonly mark: string
  readonly verdict: Verdict
  readonly named: boolean
  readonly usd: number
  /** The same as people read it. */
  readonly money: string
  readonly estimate: number
  readonly lower: number
  readonly upper: number
  readonly bound: number
}

const width = 720
const height = 400
const ink = "currentColor"
/** Okabe and Ito's palette, told apart by the colour-blind too; shapes say the same again. */
const look = {
  parity: { colour: "#0072B2", shape: "circle" },
  inconclusive: { colour: "#8C8C8C", shape: "diamond" },
  inferior: { colour: "#D55E00", shape: "triangle-down" }
} as const
const verdicts = ["parity", "inconclusive", "inferior"] as const

/** Ticks 1, 2, 5 x 10^n inside a range above zero. */
export const logTicks = (from: number, to: number): ReadonlyArray<number> => {
  const all: Array<number> = []
  for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power++) {
    for (const step of [1, 2, 5]) {
      const tick = Number(`${step}e${power}`)
      if (tick >= from && tick <= to) all.push(tick)
    }
  }
  return all.length > 9 ? all.filter((tick) => /^1(0*$|e)/.test(String(tick)) || Math.log10(tick) % 1 === 0) : all
}

const range = (values: ReadonlyArray<number>) => [Math.min(...values), Math.max(...values)] as const

/** The chart of cost against quality as a Vega-Lite specification; at least one point or a priced incumbent is needed. Pure. */
export const plotSpec = (
  points: ReadonlyArray<PlotPoint>,
  incumbent: { readonly label: string; readonly usd: number | null },
  margin: number
): TopLevelSpec => {
  const costs = [...points.map(({ usd }) => usd), ...(incumbent.usd === null ? [] : [incumbent.usd])]
  const [cheapest, dearest] = range(costs)
  // Room on the right for the incumbent's label, whichever side its point is on.
  const x = [
    cheapest / Math.max(1.15, (dearest / cheapest) ** 0.06),
    dearest * Math.max(1.25, (dearest / cheapest) ** 0.16)
  ] as const
  const [least, most] = range([
    0,
    -2 * margin,
    ...points.flatMap((point) => [point.lower, point.upper, point.bound].filter(Number.isFinite))
  ])
  const room = Math.max(0.01, 0.06 * (most - least))
  const y = [100 * Math.max(-1.04, least - room), 100 * Math.min(1.04, most + room)] as const

  const atX = (usd: number) => (width * Math.log(usd / x[0])) / Math.log(x[1] / x[0])
  const atY = (value: number) => (height * (y[1] - value)) / (y[1] - y[0])
  const own = incumbent.usd === null ? [] : [{ x: atX(incumbent.usd), y: atY(0), text: "incumbent" }]
  const placed = placeLabels(
    [...own, ...points.map((point) => ({ x: atX(point.usd), y: atY(100 * point.estimate), text: point.mark }))],
    { width, height },
    points.map((point) => ({
      x: atX(point.usd),
      top: atY(100 * point.upper),
      bottom: atY(100 * Math.min(point.lower, point.bound))
    }))
  )

  const rows = points.map((point) => ({
    usd: point.usd,
    verdict: point.verdict,
    estimate: 100 * point.estimate,
    lower: 100 * point.lower,
    upper: 100 * point.upper,
    bound: 100 * (Number.isFinite(point.bound) ? point.bound : point.lower),
    says: `${point.mark} ${point.label}: ${point.verdict}, ${inPoints(point.estimate)} points (${inPoints(point.lower)} to ${inPoints(point.upper)}), ${point.money} a case`
  }))
  const cost = {
    field: "usd",
    type: "quantitative" as const,
    scale: { type: "log" as const, domain: [...x], nice: false },
    axis: {
      title: "Cost per case, US dollars (logarithmic; cheaper to the left)",
      values: [...logTicks(...x)],
      format: "$~r"
    }
  }
  const difference = (field: string) => ({
    field,
    type: "quantitative" as const,
    scale: { domain: [...y], nice: false, zero: false },
    axis: {
      title: "Score against the incumbent, points of 100",
      labelExpr: "datum.value === 0 ? '0' : format(datum.value, '+~r')",
      tickCount: 8
    }
  })
  const colour = {
    field: "verdict",
    type: "nominal",
    scale: { domain: [...verdicts], range: verdicts.map((verdict) => look[verdict].colour) },
    legend: { title: null, orient: "top", symbolSize: 90 }
  } as const
  const shape = {
    field: "verdict",
    type: "nominal",
    scale: { domain: [...verdicts], range: verdicts.map((verdict) => look[verdict].shape) }
  } as const
  const beside = (value: number, text: string) =>
    ({
      data: { values: [{ y: value, text }] },
      mark: { type: "text", align: "left", dx: 6, fontSize: 11, color: ink, aria: false },
      encoding: { x: { value: width }, y: { field: "y", type: "quantitative" }, text: { field: "text" } }
    }) as const

  return {
    width,
    height,
    layer: [
      {
        name: "region",
        data: { values: [{ from: -100 * margin, to: y[1] }] },
        mark: { type: "rect", color: look.parity.colour, opacity: 0.12, aria: false },
        encoding: { y: difference("from"), y2: { field: "to" } }
      },
      {
        name: "margin",
        data: { values: [{ y: -100 * margin }] },
        mark: { type: "rule", color: look.parity.colour, strokeDash: [5, 4], strokeWidth: 1.5, aria: false },
        encoding: { y: difference("y") }
      },
      {
        name: "level",
        data: { values: [{ y: 0 }] },
        mark: { type: "rule", color: ink, opacity: 0.6, aria: false },
        encoding: { y: difference("y") }
      },
      {
        name: "intervals",
        data: { values: rows },
        mark: { type: "rule", strokeWidth: 1.8, aria: false },
        encoding: { x: cost, y: difference("lower"), y2: { field: "upper" }, color: colour }
      },
      {
        name: "bounds",
        data: { values: rows },
        mark: { type: "point", shape: "stroke", size: 130, strokeWidth: 2, filled: false, opacity: 1, aria: false },
        encoding: { x: cost, y: difference("bound"), color: colour }
      },
      {
        name: "setups",
        data: { values: rows },
        mark: { type: "point", filled: true, size: 80, opacity: 1 },
        encoding: { x: cost, y: difference("estimate"), color: colour, shape, description: { field: "says" } }
      },
      {
        name: "named",
        data: { values: rows.filter((_, at) => points[at]!.named) },
        mark: { type: "point", filled: false, shape: "circle", size: 300, strokeWidth: 2, opacity: 1, aria: false },
        encoding: { x: cost, y: difference("estimate"), color: { value: ink } }
      },
      {
        name: "incumbent",
        data: { values: incumbent.usd === null ? [] : [{ usd: incumbent.usd, y: 0 }] },
        mark: {
          type: "point",
          filled: true,
          shape: "square",
          size: 110,
          opacity: 1,
          description: `incumbent ${incumbent.label}`
        },
        encoding: { x: cost, y: difference("y"), color: { value: ink } }
      },
      {
        name: "labels",
        data: {
          values: placed.map(({ left, middle, text }) => ({
            usd: x[0] * (x[1] / x[0]) ** (left / width),
            y: y[1] - ((y[1] - y[0]) * middle) / height,
            text
          }))
        },
        mark: {
          type: "text",
          align: "left",
          baseline: "middle",
          fontSize: 12,
          fontWeight: 600,
          color: ink,
          aria: false
        },
        encoding: { x: cost, y: difference("y"), text: { field: "text" } }
      },
      beside(0, "same score"),
      beside(-100 * margin, `margin −${pointsOf(margin)}`)
    ],
    config: {
      background: "transparent",
      font: "system-ui, sans-serif",
      view: { stroke: null },
      axis: {
        labelColor: ink,
        titleColor: ink,
        tickColor: ink,
        domainColor: ink,
        gridColor: ink,
        gridOpacity: 0.12,
        labelFontSize: 11,
        titleFontSize: 12,
        titleFontWeight: "normal",
        titlePadding: 10
      },
      legend: { labelColor: ink, labelFontSize: 12, symbolOpacity: 1 }
    }
  }
}
