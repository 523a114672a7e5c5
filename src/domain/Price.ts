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

/** What a machine of one's own costs, and how much of its time is taken to be used: its answers are priced by the time they take. */
export interface MachineRate {
  /** US dollars an hour, exact decimal text. */
  readonly usdPerHour: string
  /** The share of each paid hour in which the machine is taken to be at work, above 0 and at most 1; exact decimal text. */
  readonly utilisation: string
  readonly source: string
  readonly asOf: string
}

/** What an answer is priced by: its tokens, or its machine's time. */
export type Rate = Price | MachineRate

/** Whether a rate is a machine's. */
export const isMachineRate = (rate: Rate): rate is MachineRate => "usdPerHour" in rate
