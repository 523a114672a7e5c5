import type { Check, CheckContext, Learning } from "../checks/contract.ts"
import { runCheck } from "../checks/run.ts"
import type { ReadyGrader } from "../evaluate/gates.ts"
import type { Grader } from "../graders/contract.ts"
import { runGrader } from "../graders/grade.ts"
import { graderOfCheck } from "../graders/ofCheck.ts"
import type { ReadyCheck } from "../replay/replay.ts"
import type { Wrong } from "./faults.ts"
import type { Own } from "./own.ts"
import type { Registries, Suite } from "./schema.ts"

/** A grader made, with what the suite calls it by. */
export interface LoadedGrader extends ReadyGrader {
  readonly use: string
}

/** What can be used in a suite, by the name it is used by: registered plug-ins by id, the user's by path. */
export interface Shelf {
  readonly graders: ReadonlyMap<string, Grader>
  readonly checks: ReadonlyMap<string, Check>
}

/** All plug-ins on one shelf; a check can be used as a grader. `learning` is told of those that are made and must be taught before they grade. */
export const shelfOf = (
  { checks, graders }: Pick<Registries, "graders" | "checks">,
  own: ReadonlyArray<Own>,
  context: CheckContext,
  learning: (learn: Learning["learn"]) => void
): Shelf => {
  const allChecks = [
    ...checks.map((check) => [check.id, check] as const),
    ...own.flatMap(({ check, use }) => (check === undefined ? [] : [[use, check] as const]))
  ]
  return {
    checks: new Map(allChecks),
    graders: new Map([
      ...graders.map((grader) => [grader.id, grader] as const),
      ...own.flatMap(({ grader, use }) => (grader === undefined ? [] : [[use, grader] as const])),
      ...allChecks.map(([use, check]) => [use, graderOfCheck(check, context, learning)] as const)
    ])
  }
}

/** Ids that are each used once: `numeric`, `numeric-2`. */
const distinct = () => {
  const counts = new Map<string, number>()
  return (id: string): string => {
    const count = (counts.get(id) ?? 0) + 1
    counts.set(id, count)
    return count === 1 ? id : `${id}-${count}`
  }
}

const making = <A>(path: ReadonlyArray<PropertyKey>, wrongs: Array<Wrong>, make: () => A): A | undefined => {
  try {
    return make()
  } catch (cause) {
    wrongs.push({ path, message: cause instanceof Error ? cause.message : String(cause) })
    return undefined
  }
}

/** Makes the graders and checks of a decoded suite; options that a plug-in refuses when it is made are told at their place. */
export const readyOf = (
  suite: Pick<Suite, "graders" | "checks">,
  shelf: Shelf,
  context: CheckContext,
  learning: (learn: Learning["learn"]) => void
) => {
  const wrongs: Array<Wrong> = []
  const graderId = distinct()
  const checkId = distinct()
  const graders = suite.graders.flatMap(({ options, report, use }, i): ReadonlyArray<LoadedGrader> => {
    const grader = shelf.graders.get(use)
    if (grader === undefined) return []
    const made = making(["graders", i, "options"], wrongs, () => grader.make(options))
    if (made === undefined) return []
    return [
      {
        id: graderId(grader.id),
        use,
        kind: grader.kindOf?.(options) ?? grader.kind,
        report: report ?? false,
        asks: grader.asks?.(options) ?? [],
        grade: (input) => runGrader(made, input)
      }
    ]
  })
  const checks = suite.checks.flatMap(({ options, use }, i): ReadonlyArray<ReadyCheck> => {
    const check = shelf.checks.get(use)
    if (check === undefined) return []
    const made = making(["checks", i, "options"], wrongs, () => check.make(options, context))
    if (made === undefined) return []
    const id = checkId(check.id)
    if (typeof made !== "function") learning((past) => made.learn(past))
    return [{ use: id, run: (input) => runCheck(id, made, input) }]
  })
  return { graders, checks, wrongs }
}
