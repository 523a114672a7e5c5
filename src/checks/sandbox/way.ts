import { accessSync, constants, existsSync, lstatSync, readlinkSync, statSync } from "node:fs"
import { basename, delimiter, dirname, isAbsolute, join } from "node:path"

import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

import type { Isolation } from "../contract.ts"
import { bubblewrapArgv, type Host, type Manner } from "./bubblewrap.ts"
import { standardLimits } from "./contract.ts"
import { launch, type Printed } from "./launch.ts"
import { loaded, nodeTools } from "./node.ts"

/** How commands are kept apart, found to work. */
export type Way =
  | {
      readonly kind: "bubblewrap"
      readonly program: string
      readonly host: Host
      readonly path: string
      readonly dropped: boolean
    }
  | { readonly kind: "container"; readonly program: string; readonly image: string; readonly path: string }
  | { readonly kind: "none"; readonly path: string }

const systemPath = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"]
/** Of `/etc` only what programs need to start, to check certificates' formats and to tell the time. */
const system = ["/usr", "/etc/ld.so.cache", "/etc/alternatives", "/etc/ssl/openssl.cnf", "/etc/localtime", "/nix/store"]
const roots = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"]

const isFolder = (path: string) => {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

const runnable = (path: string) => {
  try {
    accessSync(path, constants.X_OK)
    return !isFolder(path)
  } catch {
    return false
  }
}

const foldersIn = (path: string) => path.split(delimiter).filter((folder) => isAbsolute(folder))
const found = (name: string, path: string) =>
  isAbsolute(name)
    ? runnable(name)
      ? name
      : undefined
    : foldersIn(path)
        .map((folder) => join(folder, name))
        .find(runnable)

/** Our Node's folder, first on every command's PATH. */
const nodeFolder = dirname(process.execPath)

const covered = (folder: string) =>
  [...system, ...roots].some((root) => folder === root || folder.startsWith(`${root}/`))

/** Folders of programs on the PATH that lie outside the system. Others may hold anything, and are not shown. */
const programFolders = (path: string) =>
  foldersIn(path).filter((folder) => /^s?bin$/.test(basename(folder)) && !covered(folder) && isFolder(folder))

const hostOf = (path: string): Host => {
  const links: Record<string, string> = {}
  const plain: Array<string> = []
  for (const root of roots.filter((one) => existsSync(one))) {
    if (lstatSync(root).isSymbolicLink()) links[root] = readlinkSync(root)
    else plain.push(root)
  }
  const node = nodeTools(process.execPath, loaded()).filter((one) => !covered(one))
  const tools = [...node, ...programFolders(path)]
  return { links, system: [...system.filter((one) => existsSync(one)), ...plain], tools: [...new Set(tools)] }
}

const insidePath = (path: string) => [...new Set([nodeFolder, ...programFolders(path), ...systemPath])].join(":")

const ready = "the sandbox works"
const probed = ({ errors, out, stopped }: Printed): string | undefined =>
  out.trim() === ready ? undefined : (stopped ?? errors.trim().split("\n")[0] ?? "")

const mend =
  'install bubblewrap and allow user namespaces, configure a container (isolation: { container: { runtime, image } }), or say isolation: "none" in the suite'

const bubblewrap = Effect.fnUntraced(function* (path: string) {
  const program = found("bwrap", path)
  if (program === undefined) return Result.fail(`commands run in a sandbox, and bubblewrap is not found here: ${mend}`)
  const host = hostOf(path)
  const tries: ReadonlyArray<Manner> =
    process.getuid?.() === 0 ? [{ kind: "dropped", uid: 61184 }, { kind: "own" }] : [{ kind: "own" }]
  const why: Array<string> = []
  for (const manner of tries) {
    const start = { program, argv: bubblewrapArgv(host, standardLimits, [], manner), env: {} }
    const refusal = probed(yield* launch(start, `echo ${ready}`, standardLimits, 10_000))
    if (refusal === undefined) {
      const way: Way = { kind: "bubblewrap", program, host, path: insidePath(path), dropped: manner.kind === "dropped" }
      return Result.succeed(way)
    }
    why.push(refusal)
  }
  return Result.fail(`commands run in a sandbox, and ${program} does not work here (${why[0]}): ${mend}`)
})

const container = Effect.fnUntraced(function* (runtime: string, image: string, path: string) {
  const program = found(runtime, path)
  if (program === undefined) return Result.fail(`isolation.container.runtime: "${runtime}" is not found on the PATH`)
  const argv = ["image", "inspect", "--format", ready, image]
  const refusal = probed(yield* launch({ program, argv, elsewhere: true }, "", standardLimits, 30_000))
  const way: Way = { kind: "container", program, image, path: systemPath.join(":") }
  return refusal === undefined
    ? Result.succeed(way)
    : Result.fail(
        `isolation.container: ${runtime} cannot run the image "${image}" here (${refusal}): pull it, and start the engine`
      )
})

const known = new Map<string, Promise<Result.Result<Way, string>>>()

/** How commands can be kept apart on this machine, tried once; fails with a sentence that says what is missing and how to mend it. */
export const wayOf = (isolation: Isolation): Effect.Effect<Result.Result<Way, string>> =>
  Effect.gen(function* () {
    const path = yield* Config.String("PATH").pipe(Effect.orElseSucceed(() => systemPath.join(":")))
    if (isolation === "none")
      return Result.succeed<Way>({
        kind: "none",
        path: [nodeFolder, ...path.split(delimiter)].filter((folder) => folder !== "").join(":")
      })
    const key = JSON.stringify([isolation, path])
    const tried =
      known.get(key) ??
      (isolation === "required"
        ? Effect.runPromise(bubblewrap(path))
        : Effect.runPromise(container(isolation.container.runtime, isolation.container.image, path)))
    known.set(key, tried)
    return yield* Effect.promise(() => tried)
  })

/** Why commands cannot run as a suite's isolation asks, as a sentence; `undefined`: they can. To be asked before money is spent. */
export const isolationFault = (isolation: Isolation): Effect.Effect<string | undefined> =>
  Effect.map(wayOf(isolation), (way) => (Result.isFailure(way) ? way.failure : undefined))
