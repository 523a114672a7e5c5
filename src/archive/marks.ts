/**
 * What a logger leaves in a text where it did not keep it: cut short (`truncated`), hidden (`redacted`), kept elsewhere (`partial`), or a
 * picture, document or sound taken out of it (`media`).
 */
export type Mark = "truncated" | "redacted" | "partial" | "media"

/** Texts that stand for a whole value: LiteLLM, OpenInference, Claude Code's telemetry, and what many home-made logs write. */
const hidden = new Set(["redacted-by-litellm", "__REDACTED__", "<REDACTED>", "[REDACTED]"])

/** Claude Code's telemetry cuts what is longer than 60 KB. */
const cutByClaudeCode = "[TRUNCATED - Content exceeds 60KB limit]"
/** LiteLLM's database and its loggers. */
const cutByLitellm = ["(litellm_truncated", "truncated by litellm, this logger does not support large content"]
/** Inspect keeps long texts in a list of attachments; one that was not put back reads so. */
const attachment = /^(?:attachment|tc):\/\/[0-9a-f]{32}$/
/** Langfuse keeps media apart, and texts that are too long as if they were some. */
const langfuse = "@@@langfuseMedia:type="
const langfuseMedia = /@@@langfuseMedia:type=([^|@\s]+)\|id=[^|@\s]+\|source=[^@\s]+@@@/
/** Inspect's logs of raw calls. */
const mediaTakenOut = "<base64-data-removed>"

/** The mark of a text, the worst first; `undefined` where it was kept letter by letter as far as it shows. */
export const markIn = (text: string): Mark | undefined => {
  if (text.length < 24 && hidden.has(text)) return "redacted"
  if (text.endsWith(cutByClaudeCode) || cutByLitellm.some((mark) => text.includes(mark))) return "truncated"
  if (text.length < 64 && attachment.test(text)) return "partial"
  const moved = text.includes(langfuse) ? langfuseMedia.exec(text) : null
  if (moved !== null) return moved[1]!.startsWith("text/") ? "truncated" : "media"
  return text.includes(mediaTakenOut) ? "media" : undefined
}
