import * as Schema from "effect/Schema"

import { type Check, type CheckContext, type Foreman, madeCheck } from "../checks/contract.ts"
import { runCheck } from "../checks/run.ts"
import type { ReadyGrader } from "../evaluate/gates.ts"
import { graderOfCombiner, type Part, type PartSchema } from "../graders/combine.ts"
import { combiners } from "../graders/combiners.ts"
import type { Grader } from "../graders/contract.ts"
import { extract, madeOf } from "../graders/extract.ts"
import { runGrader } from "../graders/grade.ts"
import { graderOfCheck } from "../graders/ofCheck.ts"
import { repairWords } from "../replay/repair.ts"
import type { ReadyCheck } from "../replay/replay.ts"
import type { Wrong } from "./faults.ts"
import type { Own } from "./own.ts"
import { ownPath, type Registries, type Suite } from "./schema.ts"
import { choiceOf } from "./use.ts"

/** A grader made, with what the suite calls it by. */
export interface LoadedGrader extends ReadyGrader {
  readonly use: string
}

/** What can be used in a suite, by the name it is used by: registered plug-ins by id, the user's by path. */
export interface Shelf {
  readonly graders: ReadonlyMap<string, Grader>
  readonly checks: ReadonlyMap<string, Check>
}

/** The schema of a grader inside another: any of the shelf, or a path that gave none, of which is told already. */
const partSchema =
  (shelf: ReadonlyMap<string, Grader>, missing: ReadonlyArray<string>): PartSchema =>
  (more) =>
    Schema.suspend(() => {
      const plugins = [...shelf].map(([id, { options }]) => ({ id, options }))
      const absent = missing.map((id) => ({ id, options: Schema.Unknown }))
      return choiceOf("use", [...plugins, ...absent], { ...extract, ...more }, ownPath("graders"))
    }) as unknown as Schema.Codec<Part, unknown> // fields that are given have no names in the type

/** All plug-ins on one shelf; a check can be used as a grader, and graders inside those that combine them. The foreman is told of checks that are made. */
export const shelfOf = (
  { checks, graders }: Pick<Registries, "graders" | "checks">,
  own: ReadonlyArray<Own>,
  context: CheckContext,
  foreman: Foreman,
  missing: ReadonlyArray<string> = []
): Shelf => {
  const allChecks = [
    ...checks.map((check) => [check.id, check] as const),
    ...own.flatMap(({ check, use }) => (check === undefined ? [] : [[use, check] as const]))
  ]
  const allGraders = new Map<string, Grader>([
    ...graders.map((grader) => [grader.id, grader] as const),
    ...own.flatMap(({ grader, use }) => (grader === undefined ? [] : [[use, grader] as const])),
    ...allChecks.map(([use, check]) => [use, graderOfCheck(check, context, foreman)] as const)
  ])
  const part = partSchema(allGraders, missing)
  for (const one of combiners)
    allGraders.set(
      one.id,
      graderOfCombiner(one, part, (use) => allGraders.get(use))
    )
  return { checks: new Map(allChecks), graders: allGraders }
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
  foreman: Foreman
) => {
  const wrongs: Array<Wrong> = []
  const graderId = distinct()
  const checkId = distinct()
  const graders = suite.graders.flatMap(({ report, use, ...entry }, i): ReadonlyArray<LoadedGrader> => {
    const grader = shelf.graders.get(use)
    if (grader === undefined) return []
    const { options } = entry
    const made = making(["graders", i, "options"], wrongs, () => madeOf(grader, entry))
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
  const checks = suite.checks.flatMap(({ options, repair, use }, i): ReadonlyArray<ReadyCheck> => {
    const check = shelf.checks.get(use)
    if (check === undefined) return []
    const made = making(["checks", i, "options"], wrongs, () => madeCheck(check, options, context, foreman))
    if (made === undefined) return []
    const id = checkId(check.id)
    return [{ use: id, repair: { ...repairWords, ...repair }, run: (input) => runCheck(id, made, input) }]
  })
  return { graders, checks, wrongs }
}
