import type { JsonObject } from "./json.ts"
import { objectIn } from "./json.ts"

/**
 * What an import never stores, whether it looks for secrets or not: credentials that travel beside a call. Values under telling names
 * (authorization, api_key, headers, cookies, passwords …) are left out of metadata, parameters and tool servers.
 *
 * What people pasted into prompts, what tools and models wrote, labels and error messages are `privacy/cleaner.ts`'s: it puts placeholders there.
 */
const telling =
  /(authorization|(api|access|private|secret)[-_ ]?key([-_ ]?(id|hash))?|(access|auth|authorization|bearer|refresh|session|api|id)[-_ ]?token|secret|password|passwd|passphrase|credentials?|cookies?|headers?)$/i

/** True when a value under this name is not to be stored. */
export const isSecretName = (name: string): boolean => {
  const known = names.get(name)
  if (known !== undefined) return known
  const secret = telling.test(name)
  if (names.size >= 1000) names.clear()
  names.set(name, secret)
  return secret
}

/** Names that were asked for lately: a log has the same ones in every record. */
const names = new Map<string, boolean>()

/** Not inside a word; after a line break that JSON wrote as two characters, or a colour, a word begins all the same. */
const start = "(?:\\b|(?<=\\\\[nrt])|(?<=\\[[\\d;]{0,20}[mK]))"

const shaped = new RegExp(
  `${start}(?:${[
    "sk-[A-Za-z0-9_-]{8,}",
    "(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,}",
    "Bearer\\s+[A-Za-z0-9._~+/-]{8,}=*",
    "(?:AKIA|ASIA)[A-Z0-9]{16}\\b",
    "gh[opusr]_[A-Za-z0-9]{20,}",
    "github_pat_[A-Za-z0-9_]{20,}",
    "glpat-[A-Za-z0-9_-]{16,}",
    "xox[abeoprs]-[A-Za-z0-9-]{10,}",
    "hf_[A-Za-z0-9]{20,}",
    "AIza[A-Za-z0-9_-]{30,}",
    "eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{4,}"
  ].join("|")})|-----BEGIN [A-Z ]*PRIVATE KEY-----[\\s\\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)`,
  "g"
)

/** The text with everything shaped like a key replaced, also what is too short or too wordy to be told from a word in a conversation. `markOf` takes the key. */
export const scrubbed = (text: string, markOf: (key: string) => string = () => "[secret removed]"): string =>
  text.replace(shaped, (key) => markOf(key))

/** A deep copy without the values under telling names; for metadata and parameters, never for messages or schemas. */
export const withoutSecrets = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutSecrets)
  const object = objectIn(value)
  if (object === undefined) return value
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, part]) => (isSecretName(name) ? [] : [[name, withoutSecrets(part)]]))
  )
}

/** Parts of a request body whose inside is content or a schema, where a telling name is just a word. */
const content = new Set([
  "messages",
  "system",
  "input",
  "prompt",
  "tools",
  "functions",
  "response_format",
  "format",
  "text",
  "output_config"
])

/** A tool without the credentials of its server; its schema, one level below, is kept as it is. */
const openTool = (tool: unknown): unknown => {
  const object = objectIn(tool)
  return object === undefined
    ? tool
    : Object.fromEntries(Object.entries(object).filter(([name]) => !isSecretName(name)))
}

/** A request body ready to be read: content as it was, everything beside it without secrets. */
export const openBody = (body: JsonObject): JsonObject =>
  Object.keys(body).every((name) => isOpen(name, body[name]))
    ? body
    : Object.fromEntries(
        Object.entries(body).flatMap(([name, part]) => {
          if (name === "tools" && Array.isArray(part)) return [[name, part.map(openTool)]]
          if (content.has(name)) return [[name, part]]
          return isSecretName(name) ? [] : [[name, withoutSecrets(part)]]
        })
      )

const isOpen = (name: string, part: unknown): boolean =>
  name === "tools" ? part === null : content.has(name) || (typeof part !== "object" && !isSecretName(name))
