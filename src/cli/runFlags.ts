import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"

/** The suite argument of `replay` and `climb`. */
export const suite = Argument.Path("suite", { mustExist: false }).pipe(
  Argument.withDescription("Suite file, e.g. suites/support-desk.suite.ts")
)

/** `--events FILE` */
export const events = Flag.String("events").pipe(
  Flag.withMetavar("file"),
  Flag.optional,
  Flag.withDescription("Append what happens to this file, a JSON line an event")
)

/** Flags of every command that spends. */
export const runFlags = {
  events,
  config: Flag.Path("config").pipe(
    Flag.optional,
    Flag.withDescription("Config file (default: understudy.config.ts in this folder or above)")
  ),
  budget: Flag.String("budget").pipe(
    Flag.optional,
    Flag.withDescription("Dollars this run may spend at most; wins over the suite's budget")
  ),
  slice: Flag.String("slice").pipe(Flag.atLeast(0), Flag.withDescription("Only cases of this slice (repeatable)")),
  limit: Flag.Int("limit").pipe(
    Flag.filter(
      (cases) => cases >= 1,
      () => "1 or more cases"
    ),
    Flag.optional,
    Flag.withDescription("Only the first sessions that hold so many cases")
  ),
  inconclusive: Flag.Literals("inconclusive", ["pass", "fail"]).pipe(
    Flag.withDefault("fail"),
    Flag.withDescription("Whether an inconclusive verdict passes (exit code 0) or not (4)")
  )
} as const

/** The flags as a run takes them. */
export const runOptions = (flags: {
  readonly config: Option.Option<string>
  readonly budget: Option.Option<string>
  readonly slice: ReadonlyArray<string>
  readonly limit: Option.Option<number>
  readonly inconclusive: "pass" | "fail"
}) => ({
  config: Option.getOrUndefined(flags.config),
  budget: Option.getOrUndefined(flags.budget),
  slices: flags.slice,
  limit: Option.getOrUndefined(flags.limit),
  inconclusive: flags.inconclusive
})
