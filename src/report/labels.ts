/** Where the labels of a chart go: a greedy search for a free place beside each point. Pure; lengths are pixels, y grows downwards. */

export interface Anchor {
  readonly x: number
  readonly y: number
  readonly text: string
}

export interface Placed extends Anchor {
  /** Left edge and middle of the text. */
  readonly left: number
  readonly middle: number
}

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Width of a character of the label's font, about; errs to the wide side. */
const charWidth = 6.6
const height = 13

const overlap = (a: Box, b: Box) =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top))

/** Offsets of a label's near edge from its point, nearest first: beside it, then slanted, then further off. */
const offsets = [9, 14, 22, 32, 44].flatMap((away) =>
  [0, -8, 8, -15, 15, -24, 24, -36, 36].map((rise) => ({ away: Math.max(9, away - Math.abs(rise) / 4), rise }))
)

/**
 * Places a label beside every anchor such that labels cover neither each other nor the points nor, where it can be helped, `obstacles` (upright lines:
 * intervals). In crowds the least bad place is taken. Earlier anchors choose first.
 */
export const placeLabels = (
  anchors: ReadonlyArray<Anchor>,
  frame: { readonly width: number; readonly height: number },
  obstacles: ReadonlyArray<{ readonly x: number; readonly top: number; readonly bottom: number }> = []
): ReadonlyArray<Placed> => {
  const points: ReadonlyArray<Box> = anchors.map(({ x, y }) => ({
    left: x - 6,
    right: x + 6,
    top: y - 6,
    bottom: y + 6
  }))
  const lines: ReadonlyArray<Box> = obstacles.map(({ x, top, bottom }) => ({ left: x - 4, right: x + 4, top, bottom }))
  const taken: Array<Box> = []
  return anchors.map((anchor) => {
    const wide = anchor.text.length * charWidth
    const candidates = offsets.flatMap(({ away, rise }, order) =>
      ([1, -1] as const).map((side) => {
        const left = side === 1 ? anchor.x + away : anchor.x - away - wide
        const middle = anchor.y + rise
        const box = { left, right: left + wide, top: middle - height / 2, bottom: middle + height / 2 }
        const outside = box.left < 0 || box.right > frame.width || box.top < 0 || box.bottom > frame.height
        const cost =
          (outside ? 10_000 : 0) +
          20 * taken.reduce((sum, other) => sum + overlap(box, other), 0) +
          8 * points.reduce((sum, other) => sum + overlap(box, other), 0) +
          2 * lines.reduce((sum, other) => sum + overlap(box, other), 0) +
          2 * order
        return { left, middle, box, cost }
      })
    )
    const best = candidates.reduce((a, b) => (b.cost < a.cost ? b : a))
    taken.push(best.box)
    return { ...anchor, left: best.left, middle: best.middle }
  })
}
