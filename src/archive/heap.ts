import { setFlagsFromString } from "node:v8"

/**
 * Tells V8 to keep this process's heap small: an import makes much garbage and holds little, and left to itself V8 lets the heap grow to four
 * times what is held before it collects. The flag is V8's own (`node --v8-options`).
 */
export const keepHeapSmall = (): void => {
  setFlagsFromString("--heap-growing-percent=100")
}
