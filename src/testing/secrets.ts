import { createHash } from "node:crypto"

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/** Text that looks random and is always the same: `length` characters of an alphabet, drawn by a seed. */
const drawn = (seed: string, length: number, from = alphabet): string => {
  let text = ""
  for (let round = 0; text.length < length; round += 1)
    for (const byte of createHash("sha256").update(`${seed} ${round}`).digest()) text += from[byte % from.length]
  return text.slice(0, length)
}

const hexadecimal = "0123456789abcdef"
const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
const base64 = `${alphabet}+/`
const urlSafe = `${alphabet}_-`

/** A secret as it is met in text. */
export interface Planted {
  /** The kind that it is replaced as. */
  readonly kind: string
  /** The text that holds it. */
  readonly text: string
  /** What must not be anywhere afterwards. */
  readonly secret: string
}

const whole = (kind: string, secret: string): Planted => ({ kind, secret, text: secret })
const around = (kind: string, before: string, secret: string, after = ""): Planted => ({
  kind,
  secret,
  text: `${before}${secret}${after}`
})

/** The lines of a key of 2048 bits: its body is what must not be found. */
const body = (seed: string) =>
  ["MIIE", drawn(seed, 1_500, base64)]
    .join("")
    .match(/.{1,64}/g)!
    .join("\n")
const jwt = [
  Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url"),
  Buffer.from('{"sub":"1234","name":"Somebody"}').toString("base64url"),
  drawn("jwt", 43, urlSafe)
].join(".")

/** One secret of each kind, made up and put together when it is needed, so that no scanner takes this file for a leak. */
export const plantedSecrets: ReadonlyArray<Planted> = [
  whole("anthropic-api-key", `sk-ant-api03-${drawn("ant", 93, urlSafe)}AA`),
  whole("openai-api-key", `sk-proj-${drawn("proj", 74, urlSafe)}T3BlbkFJ${drawn("proj2", 74)}`),
  whole("openai-api-key", `sk-${drawn("old", 48)}`),
  whole("openai-api-key", `sk-${drawn("deepseek", 32, hexadecimal)}`),
  whole("openrouter-api-key", `sk-or-v1-${drawn("or", 64, hexadecimal)}`),
  whole("github-token", `ghp_${drawn("ghp", 36)}`),
  whole("github-token", `github_pat_${drawn("pat", 82)}`),
  whole("gitlab-token", `glpat-${drawn("glpat", 20)}`),
  whole("slack-token", `xoxb-${drawn("x1", 12, "123456789")}-${drawn("x2", 12, "123456789")}-${drawn("x3", 24)}`),
  around(
    "slack-webhook",
    "",
    `https://hooks.slack.com/services/T${drawn("t", 9, capitals)}/B${drawn("b", 9, capitals)}/${drawn("w", 24)}`
  ),
  whole("google-api-key", `AIzaSy${drawn("aiza", 33)}`),
  whole("google-api-key", `AQ.Ab8${drawn("aq", 47, urlSafe)}`),
  whole("aws-access-key-id", `AKIA${drawn("akia", 16, capitals)}`),
  around("aws-secret-access-key", "aws_secret_access_key = ", drawn("awssecret", 40)),
  whole("stripe-secret-key", `sk_live_${drawn("stripe", 24)}`),
  whole("huggingface-token", `hf_${drawn("hf", 34, alphabet.slice(0, 52))}1`),
  whole("groq-api-key", `gsk_${drawn("gsk", 52)}`),
  whole("npm-token", `npm_${drawn("npm", 36)}`),
  whole("pypi-token", `pypi-AgEIcHlwaS5vcmc${drawn("pypi", 120)}`),
  whole("sendgrid-key", `SG.${drawn("sg1", 22)}.${drawn("sg2", 43)}`),
  whole("jwt", jwt),
  around("bearer-token", "Authorization: Bearer ", drawn("bearer", 40)),
  around("basic-auth", "Authorization: Basic ", Buffer.from("deploy:tr0ub4dor-and-3").toString("base64")),
  around("api-key", '{"x-api-key": "', drawn("xapi", 32), '"}'),
  around("password", 'password: "', "Tr0ub4dor&3x", '"'),
  around("password", "export DB_PASSWORD=", drawn("dbpassword", 20), " && run"),
  around("password", "http -a x -u joe:", "Tr0ub4dor&3x", " https://api.example/x"),
  whole(
    "discord-bot-token",
    `${Buffer.from(drawn("snowflake", 18, "123456789")).toString("base64url")}.${drawn("dc1", 6, urlSafe)}.${drawn("dc2", 38)}`
  ),
  whole("facebook-token", `EAAC${drawn("fb", 140)}`),
  whole("fireworks-api-key", `fw_${drawn("fw", 24)}`),
  around("token", "--token ", drawn("flag", 32)),
  around("cookie", "Cookie: theme=dark; session_id=", drawn("cookie", 32), "; lang=en"),
  around("postgres-connection", "postgres://app:", drawn("pg", 16), "@db.internal:5432/orders?sslmode=require"),
  around("mongodb-connection", "mongodb+srv://app:", drawn("mongo", 16), "@cluster0.ab1cd.mongodb.net/x"),
  around("redis-connection", "redis://:", drawn("redis", 20), "@10.0.0.7:6379/0"),
  around("url-password", "git clone https://deploy:", drawn("git", 20), "@git.internal/team/repo.git"),
  around("database-connection", "Server=db;User Id=app;Password=", "k7!Quartz", ";Encrypt=yes"),
  around("signed-url", "https://b.s3.amazonaws.com/k?X-Amz-Signature=", drawn("sig", 64, hexadecimal)),
  around("private-key", "-----BEGIN RSA PRIVATE KEY-----\n", body("rsa"), "\n-----END RSA PRIVATE KEY-----"),
  around("private-key", "-----BEGIN OPENSSH PRIVATE KEY-----\n", `b3BlbnNzaC1rZXktdjE${body("ssh")}`)
]
