import { readFile } from "node:fs/promises"

import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"

import { isolationFault } from "../checks/sandbox/way.ts"
import type { Fault } from "../domain/Fault.ts"
import { providers } from "../providers/registry.ts"
import { counted } from "../report/figures.ts"
import { plainLine } from "../report/plain.ts"
import { Archives } from "../store/Archives.ts"
import { Home } from "../store/Home.ts"
import { Runs } from "../store/Runs.ts"
import { loadConfig } from "../suite/config.ts"
import { resolveProvider } from "./accounts.ts"
import { duckVersion, findBrowser, findProgram, isFitNode, oldestNode, roomFor } from "./machine.ts"
import { type Reached, reach } from "./reach.ts"

/** One thing that was looked at. `missing` is no fault: `needed` says for what it would be wanted. */
interface Finding {
  readonly what: string
  readonly status: "ok" | "missing" | "broken"
  readonly found: string
  readonly needed: string
  readonly mend?: string
  /** Nothing works without it: the exit code it leads to. */
  readonly code?: number
}

/** Below this a run may fill the disk: bytes. */
const scarce = 1e9

const nodeFinding = (version: string): Finding => ({
  what: "Node",
  status: isFitNode(version) ? "ok" : "broken",
  found: version,
  needed: "everything",
  ...(isFitNode(version)
    ? {}
    : { mend: `Install Node ${oldestNode.major}.${oldestNode.minor} or newer: https://nodejs.org`, code: 2 })
})

const duckFinding = (version: Result.Result<string, Fault>): Finding =>
  Result.isSuccess(version)
    ? { what: "DuckDB", status: "ok", found: version.success, needed: "archives and reports" }
    : {
        what: "DuckDB",
        status: "broken",
        found: version.failure.sentence,
        needed: "archives and reports",
        mend: "Install again (npm install): its library for this platform does not load.",
        code: 5
      }

const configFinding = (config: Result.Result<{ readonly file: string } | null, Fault>): Finding => {
  const about = { what: "config", needed: "what a team shares: providers, prices, budget" }
  if (Result.isFailure(config)) {
    const { message, mend } = config.failure
    return { ...about, status: "broken", found: message, mend: mend ?? "Mend the file, or remove it.", code: 2 }
  }
  return config.success === null
    ? {
        ...about,
        status: "missing",
        found: "no understudy.config.ts here or above",
        mend: "understudy init writes one."
      }
    : { ...about, status: "ok", found: config.success.file }
}

/** Whose models a key opens. */
const keyUse = (name: string) => {
  const line = providers.find(({ defaults }) => "apiKeyEnv" in defaults && defaults.apiKeyEnv === name)
  return line === undefined ? "a provider of the config" : `the models of ${line.id}`
}

const keyFinding = (name: string, present: boolean): Finding => ({
  what: name,
  status: present ? "ok" : "missing",
  found: present ? "yes" : "no",
  needed: keyUse(name),
  ...(present ? {} : { mend: `Set ${name} in the environment.` })
})

const ollamaHost = (present: boolean): Finding => ({
  what: "OLLAMA_HOST",
  status: "ok",
  found: present ? "yes, but it is not read" : "no",
  needed: "Ollama's own command",
  ...(present
    ? { mend: 'Another address than 127.0.0.1:11434 stands under providers: { kind: "ollama", baseURL: … }.' }
    : {})
})

const providerFinding = ({ host, kind, models, name, reachable, why }: Reached): Finding => {
  const about = { what: `provider ${name}`, needed: `setups of ${name}${kind === name ? "" : ` (${kind})`}` }
  const listed = models === null ? "" : `, ${counted(models, "model")}`
  if (reachable === true) {
    return { ...about, status: "ok", found: `${host} answers${listed}${why === undefined ? "" : `; ${why}`}` }
  }
  return {
    ...about,
    status: "missing",
    found: `${host} ${reachable === null ? "was not asked" : "cannot be asked"}: ${why}`
  }
}

const programFinding = (
  what: string,
  found: string | null,
  needed: string,
  mend: string,
  refusal: string | null = null
): Finding => ({
  what,
  status: found === null || refusal !== null ? "missing" : "ok",
  found: found === null ? "not found" : (refusal ?? found),
  needed,
  ...(found === null || refusal !== null ? { mend } : {})
})

const diskFinding = (
  { freeBytes, writable }: { freeBytes: number | null; writable: boolean },
  root: string
): Finding => {
  const about = { what: "disk", needed: "the state in --home" }
  if (!writable) {
    const mend = "Give the folder's rights to this user, or name another folder with --home."
    return { ...about, status: "broken", found: `${root} cannot be written`, mend, code: 5 }
  }
  if (freeBytes === null) return { ...about, status: "ok", found: "free space unknown" }
  const found = `${(freeBytes / 1e9).toFixed(1)} GB free`
  return freeBytes >= scarce
    ? { ...about, status: "ok", found }
    : { ...about, status: "missing", found, mend: "Free some space: an archive takes about the size of its exports." }
}

const homeFinding = (home: { path: string; version: number | null; archives: number; runs: number }): Finding => ({
  what: "home",
  status: "ok",
  found:
    home.version === null
      ? `${home.path} is not there yet; the first command that writes makes it`
      : `${home.path}, layout ${home.version}, ${counted(home.archives, "archive")}, ${counted(home.runs, "run")}`,
  needed: "the state in --home"
})

const isSet = (name: string) =>
  Config.option(Config.Redacted(name)).pipe(
    Effect.map(Option.isSome),
    Effect.orElseSucceed(() => false)
  )

const layoutOf = (file: string) =>
  Effect.promise(() =>
    readFile(file, "utf8").then(
      (text) => Number(text.trim()),
      () => null
    )
  )

const line = ({ found, mend, needed, status, what }: Finding): string => {
  const mark = { ok: "ok     ", missing: "missing", broken: "BROKEN " }[status]
  const shown = `${mark}  ${plainLine(`${what}: ${found}`)}`
  return status === "ok" && mend === undefined
    ? shown
    : `${shown}\n         for ${needed}${mend === undefined ? "" : `. ${mend}`}`
}

/** Looks at what is there and what is missing, seen from a folder. Spends nothing. */
export const doctorIn = Effect.fn("Runs.doctor")(function* (cwd: string) {
  const home = yield* Home
  const config = yield* Effect.result(loadConfig(cwd, undefined, { providers }))
  const entries = (Result.isSuccess(config) ? config.success?.config.providers : undefined) ?? {}

  // A kind without an address of its own is there once a config names one.
  const atHome = providers.filter(({ defaults }) => "baseURL" in defaults)
  const names = [...new Set([...Object.keys(entries), ...atHome.map(({ id }) => id)])]
  const resolved = names.flatMap((name) => resolveProvider(name, { providers: entries }) ?? [])
  const reached = yield* Effect.forEach(resolved, reach, { concurrency: "unbounded" })
  const keyNames = new Set([
    ...atHome.flatMap(({ defaults }) => ("apiKeyEnv" in defaults ? [defaults.apiKeyEnv] : [])),
    ...resolved.flatMap(({ keyEnv }) => keyEnv ?? [])
  ])
  const keys: Record<string, boolean> = {}
  for (const name of [...keyNames, "OLLAMA_HOST"]) keys[name] = yield* isSet(name)

  const duck = yield* Effect.result(duckVersion)
  const browser = yield* findBrowser
  const sandbox = yield* findProgram(["bwrap"])
  const sandboxFault = sandbox === null ? null : ((yield* isolationFault("required")) ?? null)
  const python = yield* findProgram(["python3"])
  const disk = yield* roomFor(home.root)
  const state = {
    path: home.root,
    version: yield* layoutOf(home.path("version")),
    archives: (yield* (yield* Archives).names).length,
    runs: (yield* (yield* Runs).list).length
  }

  const findings: ReadonlyArray<Finding> = [
    nodeFinding(process.versions.node),
    duckFinding(duck),
    diskFinding(disk, home.root),
    homeFinding(state),
    configFinding(config),
    ...[...keyNames].map((name) => keyFinding(name, keys[name] === true)),
    ollamaHost(keys["OLLAMA_HOST"] === true),
    ...reached.map(providerFinding),
    programFinding(
      "browser",
      browser,
      "the tests of the report's page; any browser shows a report",
      "Install chromium."
    ),
    programFinding(
      "sandbox",
      sandbox,
      "checks that run commands",
      'Install bubblewrap and allow user namespaces, configure a container, or say isolation: "none" in the suite.',
      sandboxFault
    ),
    programFinding("python3", python, "replaying recorded answers (npm run verify:recorded)", "Install python3.")
  ]
  const code = Math.min(...findings.flatMap((finding) => finding.code ?? []), Number.POSITIVE_INFINITY)
  const broken = Number.isFinite(code)
  return {
    doc: {
      ok: !broken,
      node: { version: process.versions.node, fit: isFitNode(process.versions.node) },
      duckdb: Result.getOrUndefined(duck) ?? null,
      keys,
      providers: reached,
      browser,
      sandbox: sandboxFault === null ? sandbox : null,
      python3: python,
      disk,
      home: state,
      findings
    },
    text: [
      ...findings.map(line),
      "",
      broken
        ? "What is BROKEN must be mended first."
        : "Understudy can work. What is missing is needed only for what it says."
    ].join("\n"),
    ...(broken ? { code } : {})
  }
})

/** What is there and what is missing: Node, keys (yes or no), providers, database, browser, sandbox, disk, home. Code 2 or 5 when something is broken that nothing works without. */
export const doctor = Effect.suspend(() => doctorIn(process.cwd()))
