/** A small generator of numbers, the same for the same seed: whole numbers from 0 to below `limit`. */
const numbers = (seed: number) => {
  let state = seed >>> 0
  return (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

/** Values of every kind that a field may hold where another one was meant, hostile ones among them. */
const wrong: ReadonlyArray<unknown> = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1e30,
    2 ** 53,
    0.5,
    "",
    " ",
    "x",
    "[",
    '{"',
    "null",
    "[object Object]",
    "\u0000",
    "\ud800"
  ],
  ...[
    [],
    [[]],
    [null],
    [[], [[]]],
    {},
    { a: {} },
    { type: "text" },
    { role: 7 },
    '[{"role":"user"',
    '{"role": 1}',
    "[1,2]"
  ],
  JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"toString":2,"length":-1}')
]

/**
 * The JSON value with one to four of its parts, at any depth, taken out or replaced by something of the wrong kind. The same for the
 * same seed. For tests that readers of foreign rows never throw.
 */
export const mutated = (value: unknown, seed: number): unknown => {
  const next = numbers(seed)
  const copy = structuredClone(value)
  const places: Array<{ readonly holder: { [key: string]: unknown }; readonly key: string }> = []
  const visit = (one: unknown) => {
    if (typeof one !== "object" || one === null) return
    for (const key of Object.keys(one)) {
      places.push({ holder: one as { [key: string]: unknown }, key })
      visit((one as { [key: string]: unknown })[key])
    }
  }
  visit(copy)
  for (let count = 1 + next(4); count > 0 && places.length > 0; count--) {
    const place = places[next(places.length)]!
    if (next(5) === 0 && !Array.isArray(place.holder)) delete place.holder[place.key]
    else place.holder[place.key] = structuredClone(wrong[next(wrong.length)])
  }
  return copy
}
