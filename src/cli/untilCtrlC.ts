import * as Effect from "effect/Effect"

const signals = ["SIGINT", "SIGTERM"] as const

/** The launcher and npm pass on what the terminal sent already: within so many milliseconds it is the same Ctrl-C. */
const same = 100

/** Ends at the first Ctrl-C (or SIGTERM), which ends nothing else; a later one does what it always does. */
export const untilCtrlC: Effect.Effect<void> = Effect.callback<void>((resume) => {
  const others = signals.map((signal) => [signal, process.rawListeners(signal)] as const)
  const restore = () => {
    for (const [signal, listeners] of others) {
      process.removeListener(signal, heard)
      for (const listener of listeners) process.on(signal, listener as () => void)
    }
  }
  let over = false
  const heard = () => {
    if (over) return
    over = true
    setTimeout(restore, same).unref()
    resume(Effect.void)
  }
  for (const signal of signals) {
    process.removeAllListeners(signal)
    process.on(signal, heard)
  }
  return Effect.sync(() => {
    if (!over) restore()
  })
})
