import { setFlagsFromString } from "node:v8"

/**
 * Tells V8 to keep this process's heap small: an import or a run makes much garbage and holds little, and left to itself V8 lets the heap grow to
 * four times what is held before it collects. `percent`: by how much it may grow before it is
 * collected. The flag is V8's own (`node --v8-options`).
 */
export const keepHeapSmall = (percent = 100): void => {
  setFlagsFromString(`--heap-growing-percent=${percent}`)
}
