import { assert, describe, it } from "@effect/vitest"

import { settled } from "./patience.ts"

const failure = (run: Promise<unknown>) =>
  run.then(
    () => "",
    (cause: Error) => cause.message
  )

describe("a user's function", () => {
  it("gives what it gives, at once or later, and throws what it throws", async () => {
    assert.strictEqual(await settled(() => 1), 1)
    assert.strictEqual(await settled(async () => 2), 2)
    assert.strictEqual(
      await failure(
        settled(() => {
          throw new Error("boom")
        })
      ),
      "boom"
    )
  })

  it("is not waited for longer than its time", async () => {
    assert.strictEqual(await failure(settled(() => new Promise(() => {}), 10)), "did not settle within 0.01 s")
  })
})
