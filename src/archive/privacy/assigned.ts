import { isPassword, isPlainPassword, isRandom, isSetPassword } from "./likeness.ts"

/** How names of secrets end. */
export const telling =
  "passw(?:or)?d|passwort|passphrase|pwd|(?<=_)pass|secret|token|api[_-]?key|(?:access|private|signing|encryption|subscription|account|auth|master|service)[_-]?key|_auth"

/** Names of tokens that are no secrets: places in a list, and what models read. */
const harmless =
  /(?:page|next|prev|previous|continuation|sync|cursor|csrf|xsrf|max|min|start|end|eos|bos|pad|unk|stop|special|sentence|word|cancellation|cancel)[_-]?token$/i

const endsSo = new RegExp(`(?:${telling})$`, "i")
const wholeWord = new RegExp(`(?:^|[_.-]|[a-z](?=[A-Z]))(?:${telling})$`, "i")

const kindOf = (name: string): string => {
  if (/pass|pwd/i.test(name)) return "password"
  if (/api[_-]?key/i.test(name)) return "api-key"
  return /token|_auth$/i.test(name) ? "token" : "secret"
}

/** What a value is that is given to a name: `undefined` where the name tells nothing or the value is no secret. */
export const assigned = (name: string, value: string): string | undefined => {
  if (!endsSo.test(name) || harmless.test(name) || !wholeWord.test(name)) return undefined
  const kind = kindOf(name)
  if (/_pass$/i.test(name) && name !== name.toUpperCase()) return undefined // a pass over something
  const isSecret =
    kind === "password" ? isPassword(value) || isPlainPassword(value) : isRandom(value, kind === "token" ? 16 : 12)
  return isSecret ? kind : undefined
}

const setting = /^[A-Z][A-Z0-9_]*(?:PASSWORD|PASSWD|PASSPHRASE|_PWD|_PASS)$|^PASSW(?:OR)?D$/

/** What a value is that a setting of the environment gives to a name (`DB_PASSWORD=HERE`), where `assigned` tells nothing. */
export const assignedInSetting = (name: string, value: string): string | undefined =>
  setting.test(name) && isSetPassword(value) ? "password" : undefined

/** True when `assigned` may find something under this name. */
export const isTelling = (name: string): boolean => endsSo.test(name)
