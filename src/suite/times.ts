import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

const pattern = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/

/** Milliseconds since 1970 of a day (midnight UTC) or of a time with its zone; NaN for anything else, the 30th of February too. */
const epoch = (text: string): number => {
  const day = pattern.exec(text)?.[1]
  const midnight = Date.parse(`${day}T00:00:00Z`)
  return Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day ? Number.NaN : Date.parse(text)
}
const isDay = (text: string) => !text.includes("T")
const oneDay = 86_400_000

const Written = Schema.String.check(
  Schema.makeFilter((text: string) => !Number.isNaN(epoch(text)), {
    expected: 'a day such as "2026-05-01", or a time with its zone such as "2026-05-01T12:00:00Z"'
  })
)

const instant = (of: (text: string) => number) =>
  Written.pipe(
    Schema.decodeTo(
      Schema.String,
      SchemaTransformation.transform({ decode: (text) => new Date(of(text)).toISOString(), encode: (text) => text })
    )
  )

/** The first instant that is in, ISO 8601 in UTC; a day begins at midnight UTC. */
export const Since = instant(epoch)

/** The first instant that is out, ISO 8601 in UTC; a day that is named is still in. */
export const Until = instant((text) => epoch(text) + (isDay(text) ? oneDay : 0))
