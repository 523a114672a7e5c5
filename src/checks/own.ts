import type { Check, Checked, CheckInput } from "./contract.ts"
import { type OptionsSchema, optionsOf } from "./options.ts"

/** What a user's own check is: the argument of `defineCheck`. */
export interface OwnCheck<Options = unknown> {
  /** Its name in results and reports. */
  readonly id: string
  /** A schema of the options in the suite; left out, they come as they are written (`{}` when there are none). */
  readonly options?: OptionsSchema<Options>
  /** Sees the output and the case, no original and no reference. `true` and `false` will do; a message says what is wrong, to a repair round as well. */
  check(input: CheckInput, options: Options): Verdict | Promise<Verdict>
}
type Verdict = Checked | boolean

/** Runs users' functions, a few at a time. */
export type Limit = <A>(run: () => A | PromiseLike<A>) => Promise<A>

const checkedOf = (id: string, got: unknown): Checked => {
  if (typeof got === "boolean")
    return { pass: got, message: got ? "passes" : `The answer does not pass the check ${id}` }
  if (typeof got === "object" && got !== null && "pass" in got && typeof got.pass === "boolean") {
    const message = "message" in got && typeof got.message === "string" ? got.message : ""
    return { pass: got.pass, message, ...("applies" in got && got.applies === false ? { applies: false } : {}) }
  }
  throw new Error(`it gave ${JSON.stringify(got)} where { pass, message } or a boolean is right`)
}

/** A user's check as a {@link Check}. It is shown the named parts of the case and nothing else: no original, no reference. */
export const checkOf = (own: OwnCheck, limit: Limit): Check => ({
  id: own.id,
  about: "a check of one's own",
  options: optionsOf(own.options),
  make:
    (options) =>
    ({ case: { id, labels, request, slice }, output }) =>
      limit(() => own.check({ output, case: { id, slice, labels, request } }, options)).then((got) =>
        checkedOf(own.id, got)
      )
})
