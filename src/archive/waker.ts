import { type FSWatcher, watch } from "node:fs"

/**
 * Tells that something has happened below some paths, where the system says so: it does not for every disk, so whoever waits looks again
 * after a while in any case.
 */
export class Waker {
  readonly #watchers: Array<FSWatcher> = []
  #woken = false
  #wake: (() => void) | undefined

  constructor(paths: ReadonlyArray<string>) {
    for (const path of paths) {
      try {
        const watcher = watch(path, { recursive: true, persistent: false }, () => this.wake())
        watcher.on("error", () => watcher.close())
        this.#watchers.push(watcher)
      } catch {
        // Too many watches, or a disk that has none: looking again is enough.
      }
    }
  }

  /** Ends the wait that goes on, or the next one. */
  wake(): void {
    this.#woken = true
    this.#wake?.()
  }

  /** Waits for the next event since the last wait, so many milliseconds at most. */
  async wait(atMost: number): Promise<void> {
    if (!this.#woken)
      await new Promise<void>((done) => {
        const timer = setTimeout(done, atMost)
        this.#wake = () => {
          clearTimeout(timer)
          done()
        }
      })
    this.#wake = undefined
    this.#woken = false
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close()
    this.#wake?.()
  }
}
