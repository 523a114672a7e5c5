import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"

import * as Effect from "effect/Effect"

import { temporaryFolder } from "./folder.ts"

/** A new folder with these files, texts by path within it; it is removed when the scope ends. */
export const writtenFolder = Effect.fnUntraced(function* (files: Readonly<Record<string, string>>) {
  const root = yield* temporaryFolder
  for (const [name, text] of Object.entries(files)) {
    yield* Effect.promise(() => mkdir(dirname(join(root, name)), { recursive: true }))
    yield* Effect.promise(() => writeFile(join(root, name), text))
  }
  return root
})
