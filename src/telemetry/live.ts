import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

import type { Paper } from "./block.ts"

/** A stream that text is written to: stderr, or stdout where it shares the terminal. */
export interface Outlet {
  write: NodeJS.WriteStream["write"]
}

/** Milliseconds from one drawing to the next: five a second at most. */
export const everyMs = 200

/** A block of lines at the end of a terminal that is drawn over and over; what others write goes above it. */
export interface Live {
  /** Draws the block anew; nothing is written where it is as it was. */
  draw(lines: ReadonlyArray<string>): void
  /** Removes it; nothing is drawn again. Others write as before. */
  end(): void
}

/** Takes over the terminal of `main`. `others` are outlets that lead to the same terminal. */
export const makeLive = (main: Outlet, others: ReadonlyArray<Outlet> = []): Live => {
  const outlets = [main, ...others].map((outlet) => ({ outlet, before: outlet.write }))
  const before = main.write
  const write = (text: string) => before.call(main, text)
  let drawn: ReadonlyArray<string> = []
  let midLine = false
  let over = false

  const up = () => (drawn.length === 0 ? "" : `\r\u001b[${drawn.length}A\u001b[J`)
  const clear = () => {
    if (drawn.length > 0) write(up())
    drawn = []
  }
  const foreign = (outlet: Outlet, before: Outlet["write"]): Outlet["write"] =>
    ((...given: Parameters<Outlet["write"]>) => {
      clear()
      const [chunk] = given
      const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("latin1")
      if (text !== "") midLine = !text.endsWith("\n")
      return before.apply(outlet, given)
    }) as Outlet["write"]
  for (const each of outlets) each.outlet.write = foreign(each.outlet, each.before)

  return {
    draw: (lines) => {
      if (over || (lines.length === drawn.length && lines.every((line, at) => line === drawn[at]))) return
      write(`${up()}${midLine ? "\n" : ""}${lines.map((line) => `${line}\n`).join("")}`)
      midLine = false
      drawn = lines
    },
    end: () => {
      if (over) return
      clear()
      over = true
      for (const { before, outlet } of outlets) outlet.write = before
    }
  }
}

/** Draws what `lines` gives for the terminal as it is then, until the scope ends. */
export const drawing = (
  terminal: Outlet & { readonly columns?: number; readonly rows?: number },
  others: ReadonlyArray<Outlet>,
  colour: boolean,
  lines: (paper: Paper) => ReadonlyArray<string>
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    const live = yield* Effect.acquireRelease(
      Effect.sync(() => makeLive(terminal, others)),
      (live) => Effect.sync(() => live.end())
    )
    const once = Effect.sync(() =>
      live.draw(lines({ colour, columns: terminal.columns || 80, rows: terminal.rows || 24 }))
    )
    yield* once.pipe(Effect.andThen(Effect.sleep(everyMs)), Effect.forever, Effect.forkScoped)
  })
