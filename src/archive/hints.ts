import type { Fidelity } from "../domain/Call.ts"

/** Something that a log does not hold. */
export interface Missing {
  /** The importer's id. */
  readonly importer: string
  /** A part of a call's fidelity. */
  readonly part: string
  readonly state: Fidelity["parts"][string]
}

/** What to do about it, where the first of these fits: the importer, the part, the states (all where there is none). */
type Hint = readonly [importers: RegExp, parts: RegExp, states: RegExp, mend: string]

const supply = "give a captured request of the same program with --supply FILE"
const any = /./

const hints: ReadonlyArray<Hint> = [
  [
    /^claude-code$/,
    /^(system|tools|params)$/,
    any,
    `set OTEL_LOG_RAW_API_BODIES=file:DIR today (Claude Code then writes whole requests and answers there) and raise cleanupPeriodDays (transcripts are deleted after 30 days); for what is there, ${supply}`
  ],
  [
    /^(claude-code|anthropic-raw)$/,
    /^thinking$/,
    any,
    "thinking is not logged in full; nothing brings it back, and a candidate is judged without it"
  ],
  [
    /^claude-code$/,
    /^history$/,
    any,
    "import the whole projects folder at once: the conversation goes on from a file that was not read"
  ],
  [/^codex$/, /^tools$/, any, `Codex does not log its own tools: ${supply}`],
  [
    /^litellm$/,
    /^(history|response|system|tools|params)$/,
    /^(absent|truncated|partial)$/,
    "log StandardLoggingPayloads to S3 or GCS, or raise MAX_STRING_LENGTH_PROMPT_IN_DB and set store_prompts_in_spend_logs"
  ],
  [/^litellm$/, any, /^redacted$/, "set turn_off_message_logging to false, for the teams that may be logged"],
  [
    /^(otlp|otel|opentelemetry)/,
    /^(history|response|system|tools)$/,
    /^(absent|partial|redacted)$/,
    "set OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental and switch the capture of message content on"
  ],
  [
    /^(otlp|otel|opentelemetry)/,
    /^(history|response|system|tools)$/,
    /^truncated$/,
    "raise OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT, or leave it unset"
  ],
  [
    /^langfuse$/,
    /^(history|response)$/,
    /^absent$/,
    "export observations with their input and output (the io field group), and look whether they are masked"
  ],
  [/^langsmith$/, /^(history|response)$/, /^(absent|partial)$/, "export runs with inputs and outputs"],
  [/^helicone$/, /^(history|response)$/, /^absent$/, "export with --include-body"],
  [/^batch$/, /^(history|system|tools|params)$/, /^absent$/, "import the batch's input file together with its output"],
  [/^(har|vcr)$/, /^response$/, any, "capture with a proxy: browsers cut streamed answers when they save a HAR"],
  [any, /^media$/, any, "log pictures and documents in the request itself: addresses expire"],
  [any, /^(system|tools)$/, /^(absent|unknown|reconstructed|partial)$/, supply]
]

/** What a user can do to have a part of a call on record, or to make up for it; `undefined` where there is nothing. */
export const mendOf = ({ importer, part, state }: Missing): string | undefined =>
  hints.find(([importers, parts, states]) => importers.test(importer) && parts.test(part) && states.test(state))?.[3]

/** What a call of each grade may be used for. */
export const usesOf: Readonly<Record<Fidelity["grade"], string>> = {
  A: "sent again as it was",
  B: "sent again with supplied parts or without them, the next action compared",
  C: "text only, judged",
  D: "cost and usage only"
}
