import { readFileSync } from "node:fs"
import { readFile, stat } from "node:fs/promises"
import { registerHooks, stripTypeScriptTypes } from "node:module"
import { fileURLToPath, pathToFileURL } from "node:url"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { inWords, patience } from "./patience.ts"

/** The package's name in users' files, whatever it is installed as. */
const packageName = "@understudy/harness"

/** Node's own stripping, without its remark that this entry to it is experimental. */
const stripped = (file: string): string => {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(readFileSync(file, "utf8"))
  } finally {
    process.emitWarning = emitWarning
  }
}

const isTypeScript = (url: string) => /^file:.*\.ts($|\?)/.test(url)

/** JavaScript files that are named as a suite, a config or a plug-in and are ES modules by what is written in them. */
const modules = new Set<string>()
const isModule = (text: string) => /(^|[;}])\s*export\s*(default\b|\{)/m.test(text)

/**
 * Lets a user's file import this package wherever it lies, and be an ES module whatever a package.json above it says: each in
 * TypeScript, and in JavaScript those that were named; under node_modules too, where Node strips no types and the packed package's own suites lie. In a checkout the package
 * is its source, in the packed package its bundle: this module's own address tells.
 */
const authoring = (() => {
  let on = false
  return () => {
    if (on) return
    on = true
    const self = new URL(import.meta.url.endsWith(".ts") ? "../index.ts" : "./index.js", import.meta.url).href
    registerHooks({
      resolve(specifier, context, next) {
        if (specifier === packageName) return { url: self, shortCircuit: true }
        const found = next(specifier, context)
        if (isTypeScript(found.url)) return { ...found, format: "module-typescript" }
        return modules.has(found.url) ? { ...found, format: "module" } : found
      },
      load(url, context, next) {
        if (!isTypeScript(url) || !url.includes("/node_modules/")) return next(url, context)
        return { format: "module", source: stripped(fileURLToPath(url)), shortCircuit: true }
      }
    })
  }
})()

/** A user's module: its text, and what it exports by default. */
export interface UserModule {
  readonly file: string
  readonly text: string
  readonly value: unknown
}

const hasCode = (cause: unknown): cause is Error & { readonly code: string } =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string"

/** Node puts the place of a syntax error into the stack's first line, not into the message; other errors have it in a frame. */
const placeOf = (file: string, cause: Error): { readonly file: string; readonly line?: number } => {
  const stack = cause.stack ?? ""
  const syntax = /^(file:\/\/\S+):(\d+)\n/.exec(stack)
  if (syntax !== null) return { file: fileURLToPath(syntax[1]!), line: Number(syntax[2]) }
  const names = [file, pathToFileURL(file).href].map(RegExp.escape).join("|")
  const line = new RegExp(`(?:${names}):(\\d+)`).exec(stack)?.[1]
  return line === undefined ? { file } : { file, line: Number(line) }
}

const broken = (file: string, cause: unknown): Fault => {
  if (!(cause instanceof Error)) {
    return new Fault({ kind: "input", file, sentence: `It threw while it was read: ${String(cause)}.` })
  }
  const language = /ts$/.test(file) ? "TypeScript" : "JavaScript"
  const what = cause instanceof SyntaxError ? `It is not valid ${language}` : "It cannot be read as a module"
  return new Fault({ kind: "input", ...placeOf(file, cause), sentence: `${what}: ${cause.message}` })
}

const unreadable = (file: string, cause: unknown): Fault => {
  const wrong = (sentence: string, mend: string) => new Fault({ kind: "input", file, sentence, mend })
  const code = hasCode(cause) ? cause.code : String(cause)
  if (code === "ENOENT" || code === "ENOTDIR") return wrong("There is no such file.", "Check the path.")
  if (code === "EISDIR") return wrong("It is a folder, not a file.", "Name a file in it.")
  if (code === "EACCES" || code === "EPERM") {
    return wrong("It may not be read by this user.", "Change its permissions, or copy it.")
  }
  if (code === "ELOOP") return wrong("Its symbolic links lead in a circle.", "Name the file itself.")
  return wrong(`It cannot be read (${code}).`, "Check the path.")
}

/** A file's text. A pipe or a device is not waited for. */
const textOf = (file: string): Effect.Effect<string, Fault> =>
  Effect.gen(function* () {
    const status = yield* Effect.tryPromise({ try: () => stat(file), catch: (cause) => unreadable(file, cause) })
    if (!status.isFile() && !status.isDirectory()) {
      return yield* new Fault({
        kind: "input",
        file,
        sentence: "It is a pipe, a socket or a device, not a file.",
        mend: "Write it into a file."
      })
    }
    return yield* Effect.tryPromise({ try: () => readFile(file, "utf8"), catch: (cause) => unreadable(file, cause) })
  })

/**
 * Imports a user's module by its absolute path. Fails with a `Fault` of kind `input` when it is not there, has a syntax error
 * (with its line), throws, is not done within a minute, or has no default export; `mend` then says how it should end.
 */
export const importDefault = Effect.fnUntraced(function* (
  file: string,
  mend: string
): Effect.fn.Return<UserModule, Fault> {
  const text = yield* textOf(file)
  const { href } = pathToFileURL(file)
  if (file.endsWith(".js") && isModule(text)) modules.add(href)
  authoring()
  const module = yield* Effect.tryPromise({
    try: (): Promise<{ readonly default?: unknown }> => import(/* @vite-ignore */ href),
    catch: (cause) => broken(file, cause)
  }).pipe(
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () =>
        new Fault({
          kind: "input",
          file,
          sentence: `It is not read to its end within ${inWords}: a top-level await, in it or in what it imports, does not settle.`,
          mend: "Await nothing at the top level that may not come."
        })
    })
  )
  if (module.default === undefined) {
    return yield* new Fault({ kind: "input", file, sentence: "It has no default export.", mend })
  }
  return { file, text, value: module.default }
})
