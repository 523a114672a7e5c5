import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { countForms } from "./counts.ts"
import { FileOptions } from "./files.ts"
import { Limits } from "./sandbox/contract.ts"

const Words = Schema.Union([Schema.NonEmptyString, Schema.NonEmptyArray(Schema.String)])
export type Words = typeof Words.Type

/** The options of the command check, as they stand in a suite. */
export const CommandOptions = Schema.Struct({
  files: FileOptions.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  /** A folder, by the suite's file; each run gets a fresh copy. */
  fixture: Schema.optionalKey(Schema.NonEmptyString),
  /** The files of a commit of a git repository, without its history. */
  repository: Schema.optionalKey(Schema.Struct({ path: Schema.NonEmptyString, commit: Schema.NonEmptyString })),
  /** Folders or files shown read-only, by their place in the working folder: `{ node_modules: "../node_modules" }`. */
  readOnly: Schema.optionalKey(Schema.Record(Schema.String, Schema.NonEmptyString)),
  setup: Schema.optionalKey(Words),
  /** A text is a line for the shell, a list is a program and its arguments. */
  command: Words,
  timeoutSeconds: Schema.Finite.check(Schema.isGreaterThan(0)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(60))),
  limits: Limits.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  counts: Schema.Literals(["auto", ...countForms, "none"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("auto" as const))
  ),
  /** The report that the command writes, where it is JUnit's. */
  junitFile: Schema.optionalKey(Schema.NonEmptyString),
  /** All that the command sees of an environment, beside PATH, HOME, TMPDIR and LANG. */
  env: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
})
export type CommandOptions = typeof CommandOptions.Type

/** A program and its arguments; a line for the shell is one for `sh -c`. */
export const argvOf = (words: Words): ReadonlyArray<string> => (typeof words === "string" ? ["sh", "-c", words] : words)

const placeholder = /\{label:([^{}]+)\}/g

/** Whether a text depends on the case. */
export const hasLabel = (text: string): boolean => text.search(placeholder) >= 0

/** A text with the case's labels for `{label:NAME}`. Throws with a sentence where a case has no such label, or one with other than safe characters. */
export const withLabels = (text: string, labels: Readonly<Record<string, string>>): string =>
  text.replace(placeholder, (_, name: string) => {
    const value = Object.hasOwn(labels, name) ? labels[name] : undefined
    if (value === undefined)
      throw new Error(`the case has no label "${name}", and {label:${name}} stands in the options`)
    if (/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(value)) return value
    throw new Error(
      `the label "${name}" is ${JSON.stringify(value)}; letters, digits, ".", "_" and "-" are right for {label:${name}}`
    )
  })
