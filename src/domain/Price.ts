/** A dated price row. Amounts are exact decimal texts of US dollars per million tokens. */
export interface Price {
  readonly input: string
  readonly output: string
  readonly cacheRead?: string
  readonly cacheWrite5m?: string
  readonly cacheWrite1h?: string
  /** Where it is billed apart; default: as output. */
  readonly reasoning?: string
  /** Where the row is from and when it held, e.g. `suite`, `@pydantic/genai-prices 0.1.8`. */
  readonly source: string
  readonly asOf: string
}
