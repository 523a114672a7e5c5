import { fileURLToPath } from "node:url"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"

/** The real stdout, whatever is put in its place meanwhile. */
const write = process.stdout.write.bind(process.stdout)

/** The one command of this process: it goes on until it has said its last word. */
let command: { readonly json: boolean; over: boolean } | undefined
const isGoing = () => command !== undefined && !command.over

/** The JSON document of a failure. */
const faultDoc = ({ file, kind, line, mend, sentence }: Fault) => ({
  error: {
    kind,
    message: sentence,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(mend === undefined ? {} : { mend })
  }
})

/** What went wrong inside Understudy, as a fault. */
export const bug = (error: unknown): Fault =>
  new Fault({
    kind: "internal",
    sentence: error instanceof Error ? (error.stack ?? error.message) : String(error),
    mend: "This is a bug in Understudy; nothing that was paid for is lost. Please report it with the lines above."
  })

/** This program's own files: `src/` in a checkout, `dist/` in the package. */
const own = new URL(import.meta.url.endsWith(".ts") ? "../" : "./", import.meta.url).href

/** The first place of a stack that is neither in this program nor in a package: a user's file. */
const userPlace = (stack = ""): { readonly file: string; readonly line: number } | undefined => {
  for (const [, at = "", line] of stack.matchAll(
    /(?<=[\s(])((?:file:\/\/)?\/[^\s()]+?)(?:\?[^\s():]*)?:(\d+):\d+\)?$/gm
  )) {
    if (at.startsWith(own) || at.startsWith(fileURLToPath(own)) || at.includes("/node_modules/")) continue
    return { file: at.startsWith("file:") ? fileURLToPath(at) : at, line: Number(line) }
  }
  return undefined
}

const goOn = "What was paid for is kept: run the same command again to go on."

/** An error that nobody caught: a user's where its stack leads into a file of theirs, else ours. */
const uncaught = (cause: unknown): Fault => {
  const place = cause instanceof Error ? userPlace(cause.stack) : undefined
  const said = cause instanceof Error ? cause.message : String(cause)
  if (cause instanceof Error && place === undefined) return bug(cause)
  return new Fault({
    kind: "input",
    ...place,
    sentence: `an error that nothing catches ended the run: ${said}`,
    mend: `Await every promise, and catch what callbacks throw. ${goOn}`
  })
}

/** A process that ends before its command has answered: someone called `process.exit`. */
const cutOff = (): Fault =>
  new Fault({
    kind: "input",
    ...userPlace(new Error("exit").stack),
    sentence:
      "the process was ended before the command had answered: a suite, a config or a plug-in calls process.exit",
    mend: `Throw an error, or give a grade without a score, in place of ending the process. ${goOn}`
  })

const over = () => {
  if (command !== undefined) command.over = true
}

/** The last word of a command that cannot go on: at once, for the process may end with this turn. */
const breakOff = (fault: Fault) => {
  over()
  if (command?.json) write(`${JSON.stringify(faultDoc(fault), null, 2)}\n`)
  else process.stderr.write(`${fault.message}\n`)
}

const watch = () => {
  const broken = (cause: unknown) => {
    if (!isGoing()) return
    const fault = uncaught(cause)
    breakOff(fault)
    process.exit(fault.exitCode)
  }
  process.on("uncaughtException", broken)
  process.on("unhandledRejection", broken)
  process.on("exit", (code) => {
    if (!isGoing() || code === 130) return
    const fault = cutOff()
    breakOff(fault)
    process.exitCode = fault.exitCode
  })
  // A reader that has gone is told by the callback of a write, or need not be.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})
}

/**
 * A command begins. From now on stdout is its answer's alone: what a suite, a plug-in or a library prints there goes to stderr
 * (`asks`: not yet, for the command asks at the terminal). Whatever ends the process, the command says why, with the code of its fault.
 */
export const begin = ({ asks, json }: { readonly asks: boolean; readonly json: boolean }): void => {
  if (command === undefined) watch()
  command = { json, over: false }
  if (!asks) process.stdout.write = process.stderr.write.bind(process.stderr)
}

/** Whether a command has said its last word: then nothing that is still open in the process may hold it up. */
export const isOver = (): boolean => command?.over === true

/** A command's answer as its last word on stdout; it is written when this returns. Fails where it cannot be written; a reader that has gone (`| head`) is no failure. */
export const end = (text: string): Effect.Effect<void, Fault> =>
  Effect.callback<void, Fault>((resume) => {
    write(`${text}\n`, (error) => {
      const code = error !== null && error !== undefined && "code" in error ? error.code : undefined
      const lost = code !== undefined && code !== "EPIPE" && code !== "ERR_STREAM_DESTROYED"
      resume(
        lost
          ? new Fault({
              kind: "infrastructure",
              sentence: `the answer is lost, for stdout cannot be written: ${error?.message}`,
              mend: "Free some space or name another place, and run the same command again: what was paid for is kept."
            })
          : Effect.void
      )
    })
  }).pipe(Effect.ensuring(Effect.sync(over)))

/** A failure as a command's last word: a sentence on stderr (`text`), or with `json` a document on stdout. */
export const endWith = (fault: Fault, json: boolean, text = fault.message): Effect.Effect<void, Fault> =>
  json
    ? end(JSON.stringify(faultDoc(fault), null, 2))
    : Effect.sync(() => {
        console.error(text)
        over()
      })
