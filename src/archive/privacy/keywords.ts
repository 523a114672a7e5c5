import { assigned, assignedInSetting, telling } from "./assigned.ts"
import type { Finding } from "./finding.ts"
import { isRandom, isStandIn } from "./likeness.ts"

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

const given = new RegExp(
  `(?:${telling})["'\`\\]]{0,2}[ \\t]{0,4}(?:=>|:=|={1,3}|:|\\bis\\b:?)[ \\t]{0,4}(?:["'\`]([^"'\`\\s\\\\]{6,500})["'\`]|([^\\s"'\`,;(){}[\\]<>&|\\\\]{6,500}))`,
  "diy"
)
const flag = /(?:password|token|secret|api-key|access-key)[ =]["']?([^\s"'`,;(){}[\]<>&|\\]{6,500})/diy
const nameBefore = /[A-Za-z0-9_.-]{0,60}$/

const keyword = new RegExp(
  `(authorization|bearer|basic|curl|webhook)|(cookie)|([?&](?:sig=|x-(?:amz|goog)-signature=))|(${telling})`,
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
    yield* netrcAt(text, at, name, before)
    return
  }
  const [whole, start] = found
  const isQuoted = /["'`]/.test(text[start - 1] ?? "")
  const value = isQuoted ? whole : whole.replace(/[.:!?]+$/, "")
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
    const [word, head, cookieHead, , name] = match
    const at = match.index
    if (name !== undefined) all.push(...givenAt(text, at, name))
    else if (cookieHead !== undefined) {
      const line = at < cookiesReadTo ? undefined : groupAt(cookies, text, at)
      if (line === undefined) continue
      cookiesReadTo = line[1] + line[0].length
      all.push(...cookiesIn(line))
    } else {
      const which = head?.toLowerCase() ?? "signature"
      const from = head === undefined ? at + word.toLowerCase().indexOf("sig") : at
      for (const { isSecret, kind, pattern, strong } of follows[which] ?? []) {
        const found = groupAt(pattern, text, from)
        if (found === undefined || !isSecret(found[0])) continue
        all.push({ start: found[1], end: found[1] + found[0].length, kind, ...(strong === true ? {} : { weak: true }) })
      }
    }
  }
  return all
}
