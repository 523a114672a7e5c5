import {
  isDjangoKey,
  isPassword,
  isPlainPassword,
  isRandom,
  isSetPassword,
  isSetPhrase,
  isSetSecret
} from "./likeness.ts"

/** How names of secrets end. */
export const telling =
  "passw(?:or)?d|passwort|passphrase|pwd|(?<=_)pass|(?<![\\w-])pass(?=[\"'`]?[ \\t]{0,4}[:=]|$)|secret[_-]?key|secret|token|api[_-]?key|(?:access|private|signing|encryption|subscription|account|auth|master|service)[_-]?key|_auth|(?<=_)(?:key|pat)(?=[\"'`]?[ \\t]{0,4}[:=]|$)"

/** A name in a setting of the environment. */
const setting = /^[A-Z][A-Z0-9_]*$/

/** Names of tokens that are no secrets: places in a list, and what models read. */
const harmless =
  /(?:page|next|prev|previous|continuation|sync|cursor|csrf|xsrf|max|min|start|end|eos|bos|pad|unk|stop|special|sentence|word|cancellation|cancel)[_-]?token$/i

/** Keys in settings that are no secrets: places, and what anybody may know. */
const openKey =
  /(?:^|_)(?:PUB|PUBLIC|PUBLISHABLE|CACHE|PRIMARY|FOREIGN|UNIQUE|SORT|HASH|RANGE|PARTITION|SHARD|ROW|INDEX|MAP|DICT|LOOKUP|GROUP|OBJECT|S3|BUCKET|FILE|REDIS|QUEUE|ROUTING|IDEMPOTENCY|DEDUPE|TRANSLATION|I18N|STORAGE|STATE|QUERY|SITE|HOST|KNOWN|BUILD|TURBO|NX|REGISTRY|REG|FOOT|HOT|ARROW)_KEY$/

const endsSo = new RegExp(`(?:${telling})$`, "i")
const wholeWord = new RegExp(`(?:^|[_.-]|[a-z](?=[A-Z]))(?:${telling})$`, "i")

const kindOf = (name: string): string => {
  if (/pass|pwd/i.test(name)) return "password"
  if (/api[_-]?key/i.test(name)) return "api-key"
  return /token|_auth$|_pat$/i.test(name) ? "token" : "secret"
}

/** What may be anything but in a setting of the environment: `STRIPE_KEY`, `GITHUB_PAT`. */
const isSettingAlone = (name: string): boolean =>
  /_(?:key|pat)$/i.test(name) &&
  !/(?:api|secret|access|private|signing|encryption|subscription|account|auth|master|service)_key$/i.test(name)

/** What a value is that is given to a name: `undefined` where the name tells nothing or the value is no secret. */
export const assigned = (name: string, value: string): string | undefined => {
  if (!endsSo.test(name) || harmless.test(name) || !wholeWord.test(name)) return undefined
  const kind = kindOf(name)
  if (/_pass$/i.test(name) && name !== name.toUpperCase()) return undefined // a pass over something
  if (/^pass$/i.test(name)) return isRandom(value, 8) ? kind : undefined
  if (isSettingAlone(name))
    return setting.test(name) && !openKey.test(name) && /^[\w+/=:.-]+$/.test(value) && isRandom(value, 16)
      ? kind
      : undefined
  if (isDjangoKey(value)) return kind
  const isSecret =
    kind === "password" ? isPassword(value) || isPlainPassword(value) : isRandom(value, kind === "token" ? 16 : 12)
  return isSecret ? kind : undefined
}

const setPassword = /^[A-Z][A-Z0-9_]*(?:PASSWORD|PASSWD|PASSPHRASE|_PWD|_PASS)$|^PASSW(?:OR)?D$/
const setSecret = /^[A-Z][A-Z0-9_]*_SECRET(?:_KEY)?$|^SECRET(?:_KEY)?$/

/** What a value is that a setting of the environment gives to a name (`DB_PASSWORD=HERE`), where `assigned` tells nothing. */
export const assignedInSetting = (name: string, value: string): string | undefined =>
  setPassword.test(name) && (isSetPassword(value) || isSetPhrase(value))
    ? "password"
    : setSecret.test(name) && isSetSecret(value)
      ? "secret"
      : undefined

/** True when `assigned` may find something under this name. */
export const isTelling = (name: string): boolean => endsSo.test(name)
