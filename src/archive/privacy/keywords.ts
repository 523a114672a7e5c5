import { assigned, assignedInSetting, telling } from "./assigned.ts"
import type { Finding } from "./finding.ts"
import { isPassword, isPlainPassword, isRandom, isStandIn } from "./likeness.ts"

/** What may follow a keyword: its first group is the secret. */
interface Follow {
  readonly kind: string
  readonly pattern: RegExp
  readonly isSecret: (value: string) => boolean
  /** The keyword tells the kind for certain. */
  readonly strong?: boolean
}

/** `Basic` and the base64 of `name:password`, not the word "basic". */
const isBasic = (value: string): boolean =>
  /^[\x20-\x7e]+:[\x20-\x7e]+$/.test(Buffer.from(value, "base64").toString("latin1"))

const isHeaderValue = (value: string) => isRandom(value, 12)
const isWritten = (value: string) => !isStandIn(value)

const follows: Readonly<Record<string, ReadonlyArray<Follow>>> = {
  bearer: [
    {
      kind: "bearer-token",
      pattern: /(?<!\w)bearer[ \t]+["'`]?([A-Za-z0-9._~+/-]{12,}=*)/diy,
      isSecret: isHeaderValue,
      strong: true
    }
  ],
  authorization: [
    {
      kind: "authorization",
      pattern:
        /(?<![A-Za-z0-9])authorization["'`\]]{0,2}[ \t]*[:=,][ \t]*["'`]?(?:[A-Za-z][A-Za-z0-9-]{2,20}[ \t]+)?([A-Za-z0-9._~+/-]{12,}=*)/diy,
      isSecret: isHeaderValue
    }
  ],
  basic: [
    {
      kind: "basic-auth",
      pattern: /(?<!\w)basic[ \t]+([A-Za-z0-9+/]{8,}={0,2})(?![A-Za-z0-9+/=])/diy,
      isSecret: isBasic,
      strong: true
    }
  ],
  curl: [
    {
      kind: "password",
      pattern: /(?<!\w)curl(?!\w)[^\n]{0,400}?[ \t](?:-u|--user)[ =]["']?[^\s:"'\\]{1,100}:([^\s"'\\]{4,100})/dy,
      isSecret: isWritten
    }
  ],
  "-u": [
    {
      kind: "password",
      pattern: /(?<=\s)(?:-u|--user)[ =]["']?[\w.@+-]{1,100}:([^\s"'`\\<>]{8,100})/dy,
      isSecret: isPassword
    }
  ],
  sshpass: [
    {
      kind: "password",
      pattern: /(?<!\w)sshpass[ \t]{1,9}-p[ \t]{0,9}["']?([^\s"'\\<>,;]{4,100})/dy,
      isSecret: isWritten
    }
  ],
  webhook: [
    {
      kind: "webhook",
      pattern:
        /(?<=discord(?:app)?\.com\/api\/)webhooks\/([A-Za-z0-9/_-]{40,})|(?<=\.office\.com\/)webhookb2\/([A-Za-z0-9@/_-]{40,})/dy,
      isSecret: () => true
    }
  ],
  signature: [
    {
      kind: "signed-url",
      pattern: /(?<=[?&](?:X-(?:Amz|Goog)-)?)sig(?:nature)?=([A-Za-z0-9%+/_-]{40,}={0,2})/diy,
      isSecret: () => true,
      strong: true
    }
  ]
}

const cookies = /(?<!\w)(?:set-)?cookie["'`]?[ \t]*[:=][ \t]*["'`]?([^\n"'`\\]{8,4096})/diy
const cookie = /[A-Za-z0-9_.-]+=([A-Za-z0-9%._~+/|:-]+=*)(?=;|\s|$)/dg

const account = /(?:user ?id|uid|user(?: ?name)?)[ \t]*=[^;\n"'\\]{1,100};[^\n"'\\]{0,200}$/i
const accountPassword = /(?:password|pwd)[ \t]*=[ \t]*([^;\n"'\\]{4,100})/diy

/** What stands between a name and its value: also in Markdown's bold and tables, in cells, in HTML's quotation marks and in YAML's blocks. */
const gives = `(?:["'\`\\]]|\\*\\*|&quot;){0,2}[ \\t]{0,4}(?:=>|:=|={1,3}|:[ \\t]?[|>][-+]?\\n {1,40}|:|\\||</t[dh]>\\s{0,9}<td>|\\bis\\b:?)(?:[ \\t]|\\*\\*|&quot;){0,4}`

const given = new RegExp(
  `(?:${telling})${gives}(?:["'\`]([^"'\`\\s\\\\]{6,500})["'\`]|([^\\s"'\`,;(){}[\\]<>&|\\\\]{6,500}))`,
  "diy"
)
/** An element with a telling name: `<password>HERE</password>`. */
const element = new RegExp(
  `(?:${telling})(?:[ \\t][^<>]{0,200})?>[ \\t\\n]{0,20}([^\\s<>]{6,500})[ \\t\\n]{0,20}</`,
  "diy"
)

/** Words in quotation marks that a setting is given: `PASSWORD="HERE AND HERE"`. */
const phrase = /passw(?:or)?d=(?:"([^"'\n\\]{12,128})"|'([^"'\n\\]{12,128})')/diy

/** A password, as other languages call it. */
const foreignWords =
  "mot de passe|contrase\u00f1a|contrasenya|senha|wachtwoord|\u5bc6\u7801|\u5bc6\u78bc|\u53e3\u4ee4|\u30d1\u30b9\u30ef\u30fc\u30c9|\u043f\u0430\u0440\u043e\u043b\u044c"
const foreign = new RegExp(
  `(?<![\\w-])(?:${foreignWords})["'\`]?[ \\t\\u00a0]{0,4}[:=\\uff1a][ \\t]{0,4}["'\`]?([^\\s"'\`,;(){}[\\]<>&|\\\\]{6,100})`,
  "diy"
)
const flag = /(?:password|token|secret|api-key|access-key)[ =]["']?([^\s"'`,;(){}[\]<>&|\\]{6,500})/diy
const nameBefore = /[A-Za-z0-9_.-]{0,60}$/

const keyword = new RegExp(
  `(authorization|bearer|basic|curl|sshpass|webhook)|((?<=\\s)(?:-u|--user)(?=[ =]["']?[\\w.@+-]{1,100}:))|(cookie)|([?&](?:sig=|x-(?:amz|goog)-signature=))|(${telling})|(${foreignWords})`,
  "gi"
)

/** The first group that took part in a sticky pattern at a place: its text and where it begins. */
const groupAt = (pattern: RegExp, text: string, at: number): readonly [value: string, start: number] | undefined => {
  pattern.lastIndex = at
  const match = pattern.exec(text)
  for (const [group, range] of (match?.indices ?? []).entries())
    if (group > 0 && range !== undefined) return [text.slice(...range), range[0]]
  return undefined
}

function* cookiesIn(line: readonly [value: string, start: number]): Generator<Finding> {
  for (const { 1: value, indices } of line[0].matchAll(cookie)) {
    const start = line[1] + indices![1]![0]
    if (isRandom(value!, 16)) yield { start, end: start + value!.length, kind: "cookie", weak: true }
  }
}

const netrc = /(?:machine\s{1,9}(\S{1,100})|default)\s{1,9}login\s{1,9}\S{1,100}\s{1,9}$/
const netrcPassword = /password[ \t]{1,9}([^\s"'`\\]{4,200})/dy

/** `machine HOST login NAME password HERE`, in a line or in several; in prose these words say nothing of a host. */
function* netrcAt(text: string, at: number, name: string, before: string): Generator<Finding> {
  if (name !== "password" || !before.includes("login")) return
  const host = netrc.exec(before)
  const found = host === null ? undefined : groupAt(netrcPassword, text, at)
  if (found === undefined || !isWritten(found[0])) return
  if (/\.|^localhost$/.test(host?.[1] ?? "") || /\d/.test(found[0]))
    yield { start: found[1], end: found[1] + found[0].length, kind: "password", weak: true }
}

/** What stands in an element with a telling name. */
function* elementAt(text: string, at: number, name: string, before: string): Generator<Finding> {
  if (!/<(?:[A-Za-z]\w{0,30}:)?[A-Za-z0-9_.-]{0,60}$/.test(before.slice(-100))) return
  const found = groupAt(element, text, at)
  const kind = found === undefined ? undefined : assigned(name, found[0])
  if (found !== undefined && kind !== undefined)
    yield { start: found[1], end: found[1] + found[0].length, kind, weak: true }
}

/** Several words in quotation marks, in a setting of the environment. */
function* phraseAt(text: string, at: number, name: string): Generator<Finding> {
  const found = name === name.toUpperCase() ? groupAt(phrase, text, at) : undefined
  const kind = found === undefined ? undefined : assignedInSetting(name, found[0])
  if (found !== undefined && kind !== undefined)
    yield { start: found[1], end: found[1] + found[0].length, kind, weak: true }
}

/** After a word for a password in another language. */
function* foreignAt(text: string, at: number): Generator<Finding> {
  const found = groupAt(foreign, text, at)
  if (found === undefined) return
  const value = found[0].replace(/[.:!?]+$/, "")
  if (isPassword(value) || isPlainPassword(value))
    yield { start: found[1], end: found[1] + value.length, kind: "password", weak: true }
}

/** What is given to a telling name: `password: "…"`, `API_KEY=…`, `--token …`, `User Id=app;Password=…`, "the password is …", netrc's `login … password …`. */
function* givenAt(text: string, at: number, name: string): Generator<Finding> {
  const weak = true
  const before = text.slice(Math.max(0, at - 300), at)
  const prefix = nameBefore.exec(before.slice(-60))?.[0] ?? ""
  if (/^(?:password|pwd)$/i.test(name) && prefix === "" && account.test(before)) {
    const found = groupAt(accountPassword, text, at)
    if (found !== undefined && isWritten(found[0]))
      yield { start: found[1], end: found[1] + found[0].length, kind: "database-connection", weak }
  }
  const isFlag = prefix.startsWith("--") || /\s--[a-z-]*$/.test(before)
  const found = groupAt(given, text, at) ?? (isFlag ? groupAt(flag, text, at) : undefined)
  if (found === undefined) {
    yield* elementAt(text, at, prefix + name, before)
    yield* phraseAt(text, at, prefix + name)
    yield* netrcAt(text, at, name, before)
    return
  }
  const [whole, start] = found
  const isQuoted = /["'`]/.test(text[start - 1] ?? "")
  const value = isQuoted ? whole : whole.replace(/[.:!?*]+$/, "")
  const next = text[start + value.length]
  if (!isQuoted && (next === "(" || next === "[")) return
  if (/\[(?:secret:[a-z0-9-]*)?$/.test(before) && /^(?:[a-z0-9-]+:)?[0-9a-f]{8}$/.test(value)) return // a placeholder
  const isSet = text[at + name.length] === "=" && start - at - name.length === (isQuoted ? 2 : 1)
  const kind = assigned(prefix + name, value) ?? (isSet ? assignedInSetting(prefix + name, value) : undefined)
  if (kind !== undefined) yield { start, end: start + value.length, kind, weak }
}

/** Secrets that are told by the word before them: in headers, commands, settings, code, signed addresses and prose. */
export const keyedIn = (text: string): ReadonlyArray<Finding> => {
  const all: Array<Finding> = []
  let cookiesReadTo = 0
  for (const match of text.matchAll(keyword)) {
    const [word, head, userFlag, cookieHead, , name, foreignWord] = match
    const at = match.index
    if (name !== undefined) all.push(...givenAt(text, at, name))
    else if (foreignWord !== undefined) all.push(...foreignAt(text, at))
    else if (cookieHead !== undefined) {
      const line = at < cookiesReadTo ? undefined : groupAt(cookies, text, at)
      if (line === undefined) continue
      cookiesReadTo = line[1] + line[0].length
      all.push(...cookiesIn(line))
    } else {
      const which = head?.toLowerCase() ?? (userFlag === undefined ? "signature" : "-u")
      const from = head === undefined && userFlag === undefined ? at + word.toLowerCase().indexOf("sig") : at
      for (const { isSecret, kind, pattern, strong } of follows[which] ?? []) {
        const found = groupAt(pattern, text, from)
        if (found === undefined || !isSecret(found[0])) continue
        all.push({ start: found[1], end: found[1] + found[0].length, kind, ...(strong === true ? {} : { weak: true }) })
      }
    }
  }
  return all
}
