/** A moment of a log. */
export interface Moment {
  /** Milliseconds since 1970, with the fraction the log had. */
  readonly ms: number
  /** ISO 8601 in UTC, to the millisecond. */
  readonly iso: string
  /** True when the log wrote no time zone: read as UTC. */
  readonly zoneAssumed: boolean
}

const moment = (ms: number, zoneAssumed: boolean): Moment | undefined =>
  Math.abs(ms) <= 8.64e15 ? { ms, iso: new Date(ms).toISOString(), zoneAssumed } : undefined

/** Seconds, milliseconds, microseconds or nanoseconds since 1970: the size tells which, for any date from 1973 to 5000. */
const epoch = (value: number): Moment | undefined => {
  const size = Math.abs(value)
  if (value <= 0) return undefined
  return moment(size < 1e11 ? value * 1e3 : size < 1e14 ? value : size < 1e17 ? value / 1e3 : value / 1e6, false)
}

/** As JavaScript writes a moment: what most logs hold. */
const ours = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

const written = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?\s*(Z|UTC|[+-]\d\d:?\d\d)?)?$/i

/** Reads the times that logs hold: epoch numbers of any unit, ISO 8601, and zone-less local times (taken as UTC). */
export const momentOf = (value: unknown): Moment | undefined => {
  if (typeof value === "number") return epoch(value)
  if (typeof value !== "string") return undefined
  if (value.length === 24 && ours.test(value)) {
    const ms = Date.parse(value)
    // The engine takes 30 February for 2 March.
    return Number.isNaN(ms) || new Date(ms).getUTCDate() !== Number(value.slice(8, 10))
      ? undefined
      : { ms, iso: value, zoneAssumed: false }
  }
  const text = value.trim()
  if (/^\d+(\.\d+)?$/.test(text)) return epoch(Number(text))
  const parts = written.exec(text)
  if (parts === null) return undefined
  const [, day, time = "00:00:00", fraction = "", zone] = parts
  const offset = zone === undefined || /^(z|utc)$/i.test(zone) ? "Z" : zone.replace(/^([+-]\d\d):?(\d\d)$/, "$1:$2")
  const whole = Date.parse(`${day}T${time}${offset}`)
  const isDay = new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day!) === true
  return Number.isNaN(whole) || !isDay
    ? undefined
    : moment(whole + Number(`0.${fraction || "0"}`) * 1e3, zone === undefined)
}

/** Milliseconds between two moments, to the microsecond; `undefined` when the end is before the start. */
export const between = (start: Moment | undefined, end: Moment | undefined): number | undefined =>
  start === undefined || end === undefined || end.ms < start.ms
    ? undefined
    : Math.round((end.ms - start.ms) * 1e3) / 1e3
