import { lintSource } from "@secretlint/core"
import { creator } from "@secretlint/secretlint-rule-preset-recommend"

import type { Finding } from "./finding.ts"
import { isUrlPassword } from "./likeness.ts"

type Options = Parameters<typeof lintSource>[0]["options"]

/**
 * The recommended rules, but for two. Comments that switch the scanner off do so in a repository, not in a prompt that happens to hold
 * one. An AWS account number is no secret, and its rule takes every "account: " with twelve digits for one.
 */
const options: Options = {
  noPhysicFilePath: true,
  config: {
    rules: [
      {
        id: creator.meta.id,
        rule: creator,
        rules: [
          { id: "@secretlint/secretlint-rule-filter-comments", disabled: true },
          { id: "@secretlint/secretlint-rule-aws", allowMessageIds: ["AWSAccountID"] }
        ]
      }
    ]
  }
}

const kinds: Readonly<Record<string, string>> = {
  AWSAccessKeyID: "aws-access-key-id",
  AWSSecretAccessKey: "aws-secret-access-key",
  BasicAuth: "url-password",
  GITLAB_PERSONAL_ACCESS_TOKEN: "gitlab-token",
  HUGGINGFACE_USER_ACCESS_TOKEN: "huggingface-token",
  IncomingWebhook: "slack-webhook",
  MongoDBConnection: "mongodb-connection",
  MySQLConnection: "mysql-connection",
  NPM_ACCESS_TOKEN: "npm-token",
  OPENAI_TOKEN: "openai-api-key",
  OPS_TOKEN: "1password-token",
  PostgreSQLConnection: "postgres-connection",
  PrivateKey: "private-key"
}

/** `STRIPE_SECRET_KEY_LIVE` as `stripe-secret-key`. */
const kindOf = (messageId: string) =>
  kinds[messageId] ??
  messageId
    .replace(/_(LIVE|TEST)$/, "")
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .replace(/[^A-Za-z0-9]+/g, "-")
    .toLowerCase()

/** What a rule says that it found, where it says it: some rules give a range of the right length at the wrong place. */
const told = (data: Readonly<Record<string, unknown>> | undefined) => {
  const value = data?.["KEY"] ?? data?.["TOKEN"] ?? data?.["ID"]
  return typeof value === "string" && value !== "" ? value : undefined
}

const userInfo = /:\/\/([^:@/\s]*):([^@/\s]+)@/

/** Secrets that the well-known scanner secretlint tells by their shape. Of an address with a password only the password is taken. */
export const lint = async (content: string): Promise<ReadonlyArray<Finding>> => {
  // A byte order mark at the very beginning would be dropped and shift every range: a line break goes first.
  const source = { filePath: "text.txt", ext: ".txt", contentType: "text" as const, content: `\n${content}` }
  const { messages } = await lintSource({ source, options })
  return messages.flatMap((message) => {
    if (message.type !== "message") return []
    const kind = kindOf(message.messageId)
    const start = message.range[0] - 1
    const value = told(message.data)
    if (value !== undefined) {
      // "SG.Some.Name" is code.
      if (kind === "sendgrid-key" && (value.length < 40 || !/\d/.test(value))) return []
      const at = content.indexOf(value, start)
      return at === -1 ? [] : [{ start: at, end: at + value.length, kind }]
    }
    const text = content.slice(start, message.range[1] - 1)
    const info = userInfo.exec(text)
    if (info === null) return [{ start, end: start + text.length, kind }]
    const [whole, user, password] = info
    if (!isUrlPassword(user!, password!)) return []
    const end = start + info.index + whole.length - 1
    return [{ start: end - password!.length, end, kind }]
  })
}
