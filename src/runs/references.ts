import { readFileSync, statSync } from "node:fs"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"

const wrong = (file: string, line: number, sentence: string) =>
  new Fault({ kind: "input", sentence, file, line, mend: 'Each line is {"key": "…", "expected": …}.' })

/** The file's text. A pipe or a device is not waited for. */
const textOf = (file: string) => {
  if (!statSync(file).isFile()) throw new Error("it is no file")
  return readFileSync(file, "utf8")
}

/** Reads reference answers: JSON lines `{ key, expected }`. A key that comes twice with different answers is a fault. */
export const readReferences = (file: string): Effect.Effect<ReadonlyMap<string, unknown>, Fault> =>
  Effect.gen(function* () {
    const text = yield* Effect.try({
      try: () => textOf(file),
      catch: (cause) =>
        new Fault({
          kind: "input",
          sentence: `the references cannot be read (${cause instanceof Error ? cause.message : String(cause)})`,
          file,
          mend: "Check cases.references.path; it is relative to the suite's file."
        })
    })
    const answers = new Map<string, unknown>()
    for (const [at, line] of text.split("\n").entries()) {
      if (line.trim() === "") continue
      const row = yield* Effect.try({
        try: () => JSON.parse(line) as unknown,
        catch: () => wrong(file, at + 1, "this line is not JSON")
      })
      if (typeof row !== "object" || row === null || !("key" in row) || !("expected" in row)) {
        return yield* wrong(file, at + 1, "this reference has no key or no expected answer")
      }
      const key = String(row.key)
      if (answers.has(key) && JSON.stringify(answers.get(key)) !== JSON.stringify(row.expected)) {
        return yield* wrong(file, at + 1, `the key ${key} has two different answers`)
      }
      answers.set(key, row.expected)
    }
    return answers
  })
