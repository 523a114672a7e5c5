import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { ArchivedCall } from "../domain/Call.ts"
import type { Message } from "../domain/Message.ts"
import { archivedCall, userMessage } from "../testing/archivedCall.ts"
import { Archives } from "./Archives.ts"
import { importAll, inHome, newCall } from "./inHome.testing.ts"

/** A conversation of so many calls, each with all that was said before; of a session where one is given. */
const conversation = (steps: number, sessionId?: string): ReadonlyArray<ArchivedCall> => {
  const said: Array<Message> = []
  return Array.from({ length: steps }, (_, step) => {
    said.push(userMessage(`do ${step}`))
    const call = archivedCall(`call-${step}`, {
      messages: [...said],
      answer: `did ${step}`,
      call: {
        timing: { startedAt: new Date(Date.UTC(2026, 4, 1) + step * 1000).toISOString(), basis: "reported" },
        grouping: { ...(sessionId === undefined ? {} : { sessionId }), attempt: 0 }
      }
    })
    said.push({ role: "assistant", blocks: [{ type: "text", text: `did ${step}` }] })
    return call
  })
}

const placesIn = (name: string) =>
  Effect.flatMap(Archives, (archives) =>
    archives.query(
      name,
      "SELECT id, sessionId, trajectoryId, stepIndex, parentCallId, structure, contextTokens FROM calls ORDER BY id"
    )
  )

describe("a fuller call of another session", { timeout: 180_000 }, () => {
  it.effect("leaves the session of the one it replaces as if that had never been there", () =>
    inHome(() =>
      Effect.gen(function* () {
        // The new session, or none.
        for (const session of ["whole", undefined]) {
          const fuller = conversation(2, session).map((call) => ({ ...newCall(call), rank: 1 }))
          const [name, other] = [`late-${session}`, `early-${session}`]
          yield* importAll(name, conversation(4, "copied"))
          const before = yield* placesIn(name)
          assert.deepStrictEqual(
            before.map((row) => row["parentCallId"]),
            [null, "call-0", "call-1", "call-2"]
          )
          assert.deepStrictEqual(yield* importAll(name, fuller), ["replaced", "replaced"])
          const after = yield* placesIn(name)
          assert.deepStrictEqual(
            after.map((row) => [row["sessionId"], row["parentCallId"], row["stepIndex"]]),
            [
              [session ?? null, null, session === undefined ? null : 0],
              [session ?? null, session === undefined ? null : "call-0", session === undefined ? null : 1],
              ["copied", null, 0],
              ["copied", "call-2", 1]
            ]
          )
          yield* importAll(other, fuller)
          yield* importAll(other, conversation(4, "copied"))
          assert.deepStrictEqual(yield* placesIn(other), after)
        }
      })
    )
  )
})
