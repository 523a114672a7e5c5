import { existsSync } from "node:fs"
import { dirname, join, resolve } from "node:path"

import * as Effect from "effect/Effect"

import { digestOfText } from "../domain/digest.ts"
import type { Fault } from "../domain/Fault.ts"
import { decoded, faultOf, sentences } from "./faults.ts"
import { importDefault } from "./module.ts"
import { placedProviders } from "./providers.ts"
import { type Config, configOf, type Registries } from "./schema.ts"

/** A config file, decoded. */
export interface LoadedConfig {
  readonly file: string
  /** Of the file's text. */
  readonly digest: string
  readonly config: Config
}

const fileName = "understudy.config.ts"

/** The folders from here up to the repository's root; this folder alone where there is no repository. */
const upwards = (from: string): ReadonlyArray<string> => {
  const folders = [from]
  for (let at = from; !existsSync(join(at, ".git")); at = dirname(at)) {
    if (dirname(at) === at) return [from]
    folders.push(dirname(at))
  }
  return folders
}

/** The nearest `understudy.config.ts` from a folder up to the root of its repository; `undefined` where there is none. */
export const findConfig = (cwd: string): string | undefined =>
  upwards(resolve(cwd))
    .map((folder) => join(folder, fileName))
    .find((file) => existsSync(file))

/**
 * Reads the config that `path` names (relative to `cwd`), else the nearest one from `cwd` upwards; `null` where there is none.
 * Fails with a `Fault` of kind `input` that names every wrong in it.
 */
export const loadConfig = Effect.fnUntraced(function* (
  cwd: string,
  path: string | undefined,
  registries: Pick<Registries, "providers">
): Effect.fn.Return<LoadedConfig | null, Fault> {
  const file = path === undefined ? findConfig(cwd) : resolve(cwd, path)
  if (file === undefined) return null
  const { text, value } = yield* importDefault(file, "End it with `export default defineConfig({ … })`.")
  const config = yield* decoded(configOf(registries), value).pipe(
    Effect.mapError((wrongs) => faultOf(file, sentences(wrongs, value, "config"), "config"))
  )
  return { file, digest: digestOfText(text), config: { ...config, providers: placedProviders(file, config.providers) } }
})
