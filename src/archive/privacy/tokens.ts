import type { Finding } from "./finding.ts"
import { isRandom, isStandIn } from "./likeness.ts"

/** A token that is told by its own shape. */
interface Token {
  readonly kind: string
  /** What it begins with, or holds: a cheap first look. */
  readonly hint: RegExp
  readonly shape: RegExp
}

const token = (kind: string, hint: string, rest: string): Token => ({
  kind,
  hint: new RegExp(hint),
  shape: new RegExp(`(?<![A-Za-z0-9])${hint}${rest}`, "g")
})

/** One whose telling part is not its beginning. */
const tokenAround = (kind: string, before: string, hint: string, rest: string): Token => ({
  kind,
  hint: new RegExp(hint),
  shape: new RegExp(`(?<![A-Za-z0-9])${before}${hint}${rest}`, "g")
})

/**
 * Shapes that the preset of secretlint does not have, or has more narrowly than they are met: new vendors, older lengths, keys cut off in
 * a log. Sources: the vendors' documents and the rules of gitleaks.
 */
const tokens: ReadonlyArray<Token> = [
  token("anthropic-api-key", "sk-ant-", "[A-Za-z0-9_-]{16,}"),
  token("openrouter-api-key", "sk-or-", "[A-Za-z0-9_-]{16,}"),
  token("langfuse-secret-key", "sk-lf-", "[A-Za-z0-9-]{16,}"),
  token("openai-api-key", "sk-", "[A-Za-z0-9_-]{16,}"),
  token("github-token", "gh[opusr]_", "[A-Za-z0-9]{30,}"),
  token("github-token", "github_pat_", "[A-Za-z0-9_]{22,}"),
  token("gitlab-token", "gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-", "[A-Za-z0-9_.-]{16,}"),
  token("slack-token", "xox[abcdeoprs][.-]", "[A-Za-z0-9.-]{10,}"),
  token("slack-token", "xapp-", "\\d-[A-Za-z0-9-]{20,}"),
  token("google-api-key", "AIza", "[A-Za-z0-9_-]{32,}"),
  token("google-api-key", "AQ\\.", "[A-Za-z0-9_-]{32,}"),
  token("google-oauth-token", "ya29\\.", "[A-Za-z0-9_-]{20,}"),
  token("google-oauth-secret", "GOCSPX-", "[A-Za-z0-9_-]{24,}"),
  token("google-oauth-token", "1//0", "[A-Za-z0-9_-]{36,}"),
  token("aws-access-key-id", "A(?:KIA|SIA|BIA|CCA)", "[A-Z0-9]{16}(?![A-Za-z0-9])"),
  token("aws-bedrock-api-key", "ABSK", "[A-Za-z0-9+/]{60,}={0,2}"),
  token("aws-bedrock-api-key", "bedrock-api-key-", "[A-Za-z0-9+/]{40,}={0,2}"),
  tokenAround("azure-client-secret", "[A-Za-z0-9_~.]{3}\\d", "Q~", "[A-Za-z0-9_~.-]{31,34}"),
  token("stripe-secret-key", "[sr]k_(?:live|test|prod)_", "[A-Za-z0-9]{10,}"),
  token("stripe-webhook-secret", "whsec_", "[A-Za-z0-9+/]{24,}={0,2}"),
  token("huggingface-token", "hf_", "[A-Za-z0-9]{30,}"),
  token("huggingface-token", "api_org_", "[A-Za-z0-9]{30,}"),
  token("groq-api-key", "gsk_", "[A-Za-z0-9]{30,}"),
  token("perplexity-api-key", "pplx-", "[A-Za-z0-9]{32,}"),
  token("xai-api-key", "xai-", "[A-Za-z0-9]{40,}"),
  token("cerebras-api-key", "csk-", "[A-Za-z0-9]{32,}"),
  token("replicate-token", "r8_", "[A-Za-z0-9]{32,}"),
  token("together-api-key", "tgp_v1_", "[A-Za-z0-9_-]{32,}"),
  token("nvidia-api-key", "nvapi-", "[A-Za-z0-9_-]{40,}"),
  token("tavily-api-key", "tvly-", "[A-Za-z0-9-]{20,}"),
  token("pinecone-api-key", "pcsk_", "[A-Za-z0-9_]{40,}"),
  token("langsmith-api-key", "lsv2_[ps][tk]_", "[a-f0-9]{32}_[a-f0-9]{10}"),
  token("npm-token", "npm_", "[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
  token("pypi-token", "pypi-", "[A-Za-z0-9_-]{50,}"),
  token("rubygems-token", "rubygems_", "[a-f0-9]{48}"),
  token("docker-token", "dckr_[a-z]{3}_", "[A-Za-z0-9_-]{20,}"),
  token("sendgrid-key", "SG\\.", "[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}"),
  token("mailgun-key", "key-", "[a-f0-9]{32}(?![A-Za-z0-9])"),
  tokenAround("mailchimp-key", "[a-f0-9]{32}", "-us\\d", "\\d?(?![A-Za-z0-9])"),
  token("twilio-key", "SK[a-f0-9]{4}", "[a-f0-9]{28}(?![A-Za-z0-9])"),
  tokenAround("telegram-bot-token", "\\d{8,10}", ":AA", "[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])"),
  tokenAround(
    "discord-bot-token",
    "[MNO][A-Za-z0-9_-]{23,27}",
    "\\.",
    "[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,40}(?![A-Za-z0-9_.-])"
  ),
  tokenAround("facebook-token", "(?<![+/_-])", "EAA[A-Z]", "[A-Za-z0-9]{90,400}(?![A-Za-z0-9+/=_-])"),
  token("fireworks-api-key", "fw_", "[A-Za-z0-9]{20,40}(?![A-Za-z0-9_])"),
  token("digitalocean-token", "do[opr]_v1_", "[a-f0-9]{64}"),
  token("doppler-token", "dp\\.(?:pt|st|ct|sa|scim|audit)\\.", "[A-Za-z0-9_.-]{40,}"),
  token("fly-token", "fm[12][ar]?_", "[A-Za-z0-9+/]{60,}={0,3}"),
  token("heroku-api-key", "HRKU-", "[A-Za-z0-9_-]{32,}"),
  token("pulumi-token", "pul-", "[a-f0-9]{40}"),
  token("planetscale-token", "pscale_(?:tkn|pw|oauth)_", "[A-Za-z0-9_.=-]{32,}"),
  token("supabase-key", "sb[ap]_", "[a-f0-9]{40}"),
  token("supabase-key", "sb_secret_", "[A-Za-z0-9_-]{20,}"),
  token("netlify-token", "nf[pouc]_", "[A-Za-z0-9]{36,}"),
  token("sentry-token", "sntry[su]_", "[A-Za-z0-9+/=_]{40,}"),
  token("square-token", "sq0[a-z]{3}-", "[A-Za-z0-9_-]{22,}"),
  tokenAround("square-token", "(?<![+/])", "EAAA", "[A-Za-z0-9_-]{56,80}(?![A-Za-z0-9+/_-])"),
  token("airtable-token", "pat[A-Za-z0-9]{14}\\.", "[a-f0-9]{64}(?![A-Za-z0-9])"),
  token("e2b-api-key", "e2b_", "[a-f0-9]{32,}"),
  token("atlassian-token", "AT[AC]TT3", "[A-Za-z0-9_=-]{60,}"),
  token("postman-api-key", "PMAK-", "[a-f0-9]{24}-[a-f0-9]{34}"),
  token("newrelic-key", "NRAK-", "[A-Z0-9]{27}"),
  tokenAround("terraform-token", "[A-Za-z0-9]{14}", "\\.atlasv1\\.", "[A-Za-z0-9_=-]{60,}"),
  token("notion-token", "secret_", "[A-Za-z0-9]{43}(?![A-Za-z0-9])"),
  token("artifactory-key", "AKCp", "[A-Za-z0-9]{69}"),
  token("age-secret-key", "AGE-SECRET-KEY-1", "[A-Z0-9]{58}"),
  token("vault-token", "hv[sbr]\\.", "[A-Za-z0-9_-]{24,}"),
  token("jwt", "eyJ", "[A-Za-z0-9_-]{8,}(?:\\.[A-Za-z0-9_-]*){0,2}\\.[A-Za-z0-9_-]{6,}(?:\\.[A-Za-z0-9_-]+)?")
]

/** What AWS prints in its documents. */
const documented = /EXAMPLE/

const anyHint = new RegExp(tokens.map(({ hint }) => hint.source).join("|"), "g")

/** Tokens that are told by their shape, in any text. */
export const tokensIn = (text: string): ReadonlyArray<Finding> => {
  const hints = [...new Set(text.match(anyHint))].join("\n")
  if (hints === "") return []
  const shaped = tokens.flatMap(({ hint, kind, shape }) =>
    hint.test(hints)
      ? [...text.matchAll(shape)].flatMap(({ 0: value, index }) =>
          documented.test(value) || isStandIn(value) || !isLikely(kind, value)
            ? []
            : [{ start: index, end: index + value.length, kind }]
        )
      : []
  )
  return [...shaped, ...pairedIn(text)]
}

/** `sk-` also begins names of styles, and `hf_` those of functions: there the rest has to look random. */
const isLikely = (kind: string, value: string): boolean =>
  kind === "jwt"
    ? isJson(value.slice(0, value.indexOf(".")))
    : kind === "discord-bot-token"
      ? isSnowflake(value.slice(0, value.indexOf(".")))
      : (kind === "aws-access-key-id" && isKeyId(value)) || isRandom(value.replace(/^[A-Za-z0-9]{2,6}[-_.]/, ""), 12)

/** Ids of AWS may be all letters. No word begins with AKIA; with ASIA some do, and have few of the rarer letters. */
const isKeyId = (value: string): boolean =>
  /^A...[A-Z2-7]{16}$/.test(value) &&
  new Set(value.slice(4)).size >= 7 &&
  (value.startsWith("AKIA") || (value.slice(4).match(/[JKQVWXYZ]/g) ?? []).length >= 3)

/** The first part of a bot's token is its id in base64: 17 to 20 digits. */
const isSnowflake = (part: string): boolean => /^\d{17,20}$/.test(Buffer.from(part, "base64").toString("latin1"))

/** A secret of AWS, of forty characters, that follows an id in the same line or the next: nothing but its neighbour tells of it. */
const pairedSecret =
  /(?<=(?<![A-Za-z0-9])A(?:KIA|SIA)[A-Z0-9]{16}[^A-Za-z0-9][^\0]{0,60})(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=])/g

/** Not a digest in hexadecimal, nor a path: letters of both sizes, and digits, as random ones have them. */
const isMixed = (value: string): boolean =>
  /[a-z]/.test(value) &&
  /[A-Z]/.test(value) &&
  /\d/.test(value) &&
  (value.match(/[A-Z]/g) ?? []).length >= 6 &&
  isRandom(value, 40)

/** Secrets of AWS that stand beside their ids. */
const pairedIn = (text: string): ReadonlyArray<Finding> =>
  /A(?:KIA|SIA)/.test(text)
    ? [...text.matchAll(pairedSecret)].flatMap(({ 0: value, index }) =>
        documented.test(value) || !isMixed(value)
          ? []
          : [{ start: index, end: index + value.length, kind: "aws-secret-access-key", weak: true }]
      )
    : []

/** The first part of a JWT is a JSON object; `"eyJ` alone is only how one begins. */
const isJson = (part: string): boolean => {
  const text = Buffer.from(part, "base64url").toString()
  return text.startsWith('{"') && /^[\x20-\x7e]+$/.test(text)
}
