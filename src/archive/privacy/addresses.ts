import type { Finding } from "./finding.ts"
import { isRandom, isUrlPassword } from "./likeness.ts"

const schemes: ReadonlyArray<readonly [RegExp, string]> = [
  [/postgres/i, "postgres-connection"],
  [/mysql|mariadb/i, "mysql-connection"],
  [/mongodb/i, "mongodb-connection"],
  [/redis/i, "redis-connection"],
  [/amqp/i, "amqp-connection"]
]

const userInfo = /([^\s:@/?#"'`<>\\]{0,256}):([^\s/"'`<>\\]{1,256})@(?=[A-Za-z0-9[(%$_-])/y
const userToken = /([A-Za-z0-9_-]{20,256})(?::x-oauth-basic)?@(?:github|gitlab|bitbucket)\./y

/** Passwords in addresses of any scheme: `postgres://user:HERE@host/db`. The address around it stays. */
export const urlPasswordsIn = (text: string): ReadonlyArray<Finding> => {
  const found: Array<Finding> = []
  for (let at = text.indexOf("://"); at !== -1; at = text.indexOf("://", at + 3)) {
    const start = at + 3
    userInfo.lastIndex = start
    const info = userInfo.exec(text)
    if (info !== null && isUrlPassword(info[1]!, info[2]!)) {
      const scheme = /[a-z][a-z0-9+.-]*$/i.exec(text.slice(Math.max(0, at - 30), at))?.[0] ?? ""
      const kind = schemes.find(([pattern]) => pattern.test(scheme))?.[1] ?? "url-password"
      const from = start + info[1]!.length + 1
      found.push({ start: from, end: from + info[2]!.length, kind })
    }
    userToken.lastIndex = start
    const user = userToken.exec(text)?.[1]
    if (user !== undefined && isRandom(user, 20))
      found.push({ start, end: start + user.length, kind: "git-token", weak: true })
  }
  return found
}
