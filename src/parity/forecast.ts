/** What a forecast of two setups' spend is made from. Rates are shares per quarter: 0.1 is ten percent. */
export interface ForecastInput {
  /** Unit costs today, in one currency: of the setup in use (> 0), and of the one that would take over. */
  readonly current: number
  readonly candidate: number
  /** Units a month, today. */
  readonly volume: number
  /** Growth of the volume, above -1; 0 if left out. */
  readonly growth?: number
  /** Fall of all prices, below 1; 0 if left out. Both setups' prices fall alike. */
  readonly decline?: number
  /** How strongly the volume answers to the unit price: volume x (price / today's price) ^ -elasticity; 0 if left out. */
  readonly elasticity?: number
  /** 12 if left out. */
  readonly months?: number
  /** What the switch costs once; 0 if left out. */
  readonly switching?: number
}

/** Spend over the whole time, in the currency of the unit costs. */
export interface SpendForecast {
  readonly current: number
  /** The candidate's spend at the same volume, and at the volume that its price calls forth (Jevons' rebound). */
  readonly candidate: number
  readonly candidateWithRebound: number
  readonly saving: number
  /** Below zero where a cheaper unit raises the spend. */
  readonly savingWithRebound: number
  /** The first month, from 1, by whose end the savings at equal volume have paid for the switch; `null`: none of them. */
  readonly breakEvenMonth: number | null
}

/**
 * The spend of two setups month by month: volume and prices move by the quarter's rate to the power of a third of the month (from 0). A
 * projection in floating point for reports, not a bill: the volume is an assumption, not an estimate. Throws a RangeError on input
 * that is not a number or of which no price or volume can come.
 */
export const forecastSpend = ({
  candidate,
  current,
  decline = 0,
  elasticity = 0,
  growth = 0,
  months = 12,
  switching = 0,
  volume
}: ForecastInput): SpendForecast => {
  const proper = (name: string, value: number, ok: boolean) => {
    if (!(ok && Number.isFinite(value))) throw new RangeError(`${name} is ${value}`)
  }
  proper("the current unit cost", current, current > 0)
  proper("the candidate's unit cost", candidate, candidate >= 0)
  proper("the volume", volume, volume >= 0)
  proper("the growth", growth, growth > -1)
  proper("the fall of prices", decline, decline < 1)
  proper("the elasticity", elasticity, elasticity >= 0)
  proper("the number of months", months, Number.isInteger(months) && months > 0)
  proper("the cost of the switch", switching, switching >= 0)
  proper("the elasticity at a price of zero", elasticity, elasticity === 0 || candidate > 0)
  const spend = { current: 0, candidate: 0, rebound: 0 }
  let balance = -switching
  let breakEvenMonth: number | null = null
  for (let month = 0; month < months; month++) {
    const quarters = month / 3
    const demand = volume * (1 + growth) ** quarters
    const level = (1 - decline) ** quarters
    const [price, cheaper] = [current * level, candidate * level]
    const units = demand * (price / current) ** -elasticity
    spend.current += units * price
    spend.candidate += units * cheaper
    spend.rebound += demand * (cheaper / current) ** -elasticity * cheaper
    balance += units * (price - cheaper)
    if (breakEvenMonth === null && balance >= 0) breakEvenMonth = month + 1
  }
  return {
    current: spend.current,
    candidate: spend.candidate,
    candidateWithRebound: spend.rebound,
    saving: spend.current - spend.candidate,
    savingWithRebound: spend.current - spend.rebound,
    breakEvenMonth
  }
}
