import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"

import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

import { temporaryFolder } from "./folder.ts"
import { type Ended, type How, type Running, startUnderstudy, understudy } from "./launcher.ts"

/** A folder to work in as a user does, with a home in it. */
export interface Desk {
  readonly folder: string
  /** `--home` of every command that is run here. */
  readonly home: string
  /** Writes a file and gives its path. */
  write(name: string, content: string | Uint8Array): Effect.Effect<string>
  /** Runs `understudy ARGS… --home HOME` to its end. */
  run(args: ReadonlyArray<string>, how?: Omit<How, "cwd">): Effect.Effect<Ended>
  /** Starts it and goes on; it does not outlive the scope. */
  start(args: ReadonlyArray<string>, how?: Omit<How, "cwd">): Effect.Effect<Running, never, Scope.Scope>
}

/** A new desk that is removed with all on it when the scope ends. */
export const makeDesk: Effect.Effect<Desk, never, Scope.Scope> = Effect.map(temporaryFolder, (folder) => {
  const home = join(folder, "home")
  const all = (args: ReadonlyArray<string>) => [...args, "--home", home]
  return {
    folder,
    home,
    write: (name, content) =>
      Effect.as(
        Effect.promise(() => writeFile(join(folder, name), content)),
        join(folder, name)
      ),
    run: (args, how) => understudy(all(args), { cwd: folder, ...how }),
    start: (args, how) => startUnderstudy(all(args), { cwd: folder, ...how })
  }
})

/** Every file below a folder by its path in it, with the digest of its bytes; none where there is no such folder. */
export const filesBelow = (folder: string): Readonly<Record<string, string>> => {
  const found: Record<string, string> = {}
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      const name = path.slice(folder.length + 1)
      found[name] = entry.isFile() ? createHash("sha256").update(readFileSync(path)).digest("hex") : "folder"
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause
  }
  return found
}

/** Whole lines of JSON in all files of a folder (or below it) whose name fits. */
export const linesBelow = (folder: string, fits: RegExp): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  Object.keys(filesBelow(folder))
    .filter((name) => fits.test(name))
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1))
    .map((line) => JSON.parse(line) as Record<string, unknown>)

/** `count` archived calls of model `premium` in LiteLLM's form, in sessions of `perSession`; the answers are `answer`. */
export const liteLlmLines = (
  count: number,
  { answer = "ok", perSession = 3 }: { readonly answer?: string; readonly perSession?: number } = {}
): string =>
  Array.from({ length: count }, (_, i) => {
    const id = `call-${i}`
    return `${JSON.stringify({
      id,
      call_type: "acompletion",
      status: "success",
      custom_llm_provider: "openai",
      startTime: 1_780_000_000 + 3600 * i,
      endTime: 1_780_000_001 + 3600 * i,
      model: "premium",
      model_parameters: { max_tokens: 16 },
      messages: [{ role: "user", content: `Where is parcel ${i}?` }],
      response: {
        id,
        object: "chat.completion",
        created: 1_780_000_000 + 3600 * i,
        model: "premium",
        choices: [{ index: 0, message: { role: "assistant", content: answer }, finish_reason: "stop" }],
        usage: { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 }
      },
      metadata: { session_id: `session-${Math.floor(i / perSession)}`, item: `item-${i}` }
    })}\n`
  }).join("")

/** Reference answers for {@link liteLlmLines}: a line a call. */
export const referenceLines = (count: number, expected = "ok"): string =>
  Array.from({ length: count }, (_, i) => `${JSON.stringify({ key: `item-${i}`, expected })}\n`).join("")

/** The text of a suite file over the archive `desk` and one provider `fleet` at an address; keys given replace those here. */
export const suiteText = (baseURL: string, over: Readonly<Record<string, unknown>> = {}): string =>
  `export default ${JSON.stringify(
    {
      name: "desk",
      archive: { name: "desk" },
      cases: { references: { path: "references.jsonl", key: "label:item" } },
      incumbent: { provider: "fleet", model: "premium" },
      noiseFloor: "skip",
      providers: { fleet: fleetEntry(baseURL) },
      setups: [{ provider: "fleet", models: "small" }],
      graders: [{ use: "exact" }],
      parity: { margin: 0.2 },
      ...over
    },
    null,
    2
  )}\n`

/** The provider of {@link suiteText}: dollars per million tokens that make every call's cost a round number of nano-dollars. */
export const fleetEntry = (baseURL: string, over: Readonly<Record<string, unknown>> = {}) => ({
  kind: "openai",
  baseURL,
  prices: {
    small: { input: "0.1", output: "0.4" },
    bad: { input: "0.05", output: "0.2" },
    premium: { input: "1", output: "4" }
  },
  ...over
})

/** A simulated model that says the same to everything: a profile of the bundled fleet as plain data. */
export const saying = (name: string, constant: string) => ({
  name,
  wire: "openai.chat" as const,
  about: `says ${JSON.stringify(constant)} to everything`,
  behaviour: {
    errors: { triage: 0, extract: 0, act: 0, reply: 0 },
    persistence: 0,
    badJson: 0,
    mends: 1,
    padding: 0,
    reasoning: 0,
    tokensPerChar: 0.25,
    cacheHit: 0,
    constant
  }
})

/** The models of {@link fleetEntry} that answer as the archive does, or never. */
export const sayings = [saying("premium", "ok"), saying("small", "ok"), saying("bad", "no")]

/** Imports {@link liteLlmLines} into the archive `desk` and writes its references. */
export const fillDesk = Effect.fnUntraced(function* (desk: Desk, calls: number) {
  yield* desk.write("references.jsonl", referenceLines(calls))
  const file = yield* desk.write("calls.jsonl", liteLlmLines(calls))
  const { code, stderr } = yield* desk.run(["import", file, "--name", "desk"])
  if (code !== 0) return yield* Effect.die(new Error(`the archive was not imported: ${stderr}`))
})
