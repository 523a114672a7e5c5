import { assert, describe, it } from "@effect/vitest"

import { mendOf } from "./hints.ts"
import { importers } from "./registry.ts"

describe("what to do about a part that is not on record", () => {
  it("is told for the formats that people have", () => {
    const expected: ReadonlyArray<
      readonly [importer: string, part: string, state: "absent" | "truncated" | "redacted", mend: string]
    > = [
      ["claude-code", "system", "absent", "OTEL_LOG_RAW_API_BODIES=file:DIR"],
      ["claude-code", "tools", "absent", "cleanupPeriodDays"],
      ["codex", "tools", "absent", "--supply FILE"],
      ["litellm", "history", "absent", "StandardLoggingPayloads to S3 or GCS"],
      ["litellm", "response", "truncated", "MAX_STRING_LENGTH_PROMPT_IN_DB"],
      ["litellm", "history", "redacted", "turn_off_message_logging"],
      ["otlp", "history", "absent", "OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental"],
      ["otlp", "system", "truncated", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"],
      ["batch", "history", "absent", "input file"],
      ["tau-bench", "tools", "absent", "--supply FILE"]
    ]
    for (const [importer, part, state, mend] of expected) {
      assert.isTrue(
        importers.some(({ id }) => id === importer),
        importer
      )
      assert.include(mendOf({ importer, part, state }) ?? "", mend, `${importer} ${part}`)
    }
    assert.isUndefined(mendOf({ importer: "tau-bench", part: "usage", state: "absent" }))
  })
})
