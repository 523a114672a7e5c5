/** Values by key, those that were last asked for: up to about `limit` of what `costOf` counts. */
export class Recent<A> {
  readonly #values = new Map<string, { readonly value: A; readonly cost: number }>()
  readonly #limit: number
  #cost = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get(key: string): A | undefined {
    const entry = this.#values.get(key)
    if (entry === undefined) return undefined
    this.#values.delete(key)
    this.#values.set(key, entry)
    return entry.value
  }

  set(key: string, value: A, cost: number): void {
    this.#cost += cost - (this.#values.get(key)?.cost ?? 0)
    this.#values.delete(key)
    this.#values.set(key, { value, cost })
    for (const [oldest, entry] of this.#values) {
      if (this.#cost <= this.#limit || oldest === key) break
      this.#values.delete(oldest)
      this.#cost -= entry.cost
    }
  }
}
