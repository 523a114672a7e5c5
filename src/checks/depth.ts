/** The deepest nesting of a value that is compared: what compares walks values by recursion, and the stack must hold. */
export const deepestNesting = 1_000

/** What is said of a value that is {@link tooDeep}, as a sentence without a subject. */
export const tooDeepWhy = `is nested more than ${deepestNesting} levels deep`

/** True when lists and objects lie in each other deeper than {@link deepestNesting}. It does not recurse. */
export const tooDeep = (value: unknown): boolean => {
  let level: Array<object> = typeof value === "object" && value !== null ? [value] : []
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > deepestNesting) return true
    const next: Array<object> = []
    for (const outer of level)
      for (const inner of Array.isArray(outer) ? outer : Object.values(outer))
        if (typeof inner === "object" && inner !== null) next.push(inner)
    level = next
  }
  return false
}
