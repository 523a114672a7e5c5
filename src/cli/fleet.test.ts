import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { RunResult } from "../domain/RunResult.ts"
import type { FleetDoc } from "../runs/fleet.ts"
import { serve } from "../standin/Fleet.ts"
import { fillDesk, makeDesk, sayings, suiteText } from "../testing/desk.ts"

const main = fileURLToPath(new URL("../main.ts", import.meta.url))

const start = (...args: ReadonlyArray<string>) =>
  spawn(process.execPath, [main, "fleet", ...args], { cwd: tmpdir(), stdio: ["ignore", "pipe", "pipe"] })

/** What a process prints up to the end of its answer, of which `complete` can tell. */
const printed = async (child: ReturnType<typeof start>, complete: (text: string) => boolean): Promise<string> => {
  let text = ""
  for await (const chunk of child.stdout) {
    text += String(chunk)
    if (complete(text)) break
  }
  return text
}

const parsed = (text: string): FleetDoc | undefined => {
  try {
    return JSON.parse(text) as FleetDoc
  } catch {
    return undefined
  }
}

describe("understudy fleet", () => {
  it("says where its models are, answers at these addresses, and ends at Ctrl-C with code 0", async () => {
    const child = start("--port", "0", "--json")
    try {
      const doc = parsed(await printed(child, (text) => parsed(text) !== undefined))!
      assert.isTrue(doc.simulated)
      assert.deepStrictEqual(
        doc.providers.map(({ kind }) => kind),
        ["openai", "anthropic", "ollama"]
      )
      const openai = doc.providers[0]!
      assert.strictEqual(openai.baseURL, `http://127.0.0.1:${doc.port}/v1`)
      const listed = (await (await fetch(`${openai.baseURL}/models`)).json()) as { data: ReadonlyArray<{ id: string }> }
      assert.deepStrictEqual(
        listed.data.map(({ id }) => id),
        openai.models.map(({ name }) => name)
      )
      child.kill("SIGINT")
      const [code] = (await once(child, "exit")) as [number | null]
      assert.strictEqual(code, 0)
    } finally {
      child.kill("SIGKILL")
    }
  })

  it("tells people what to put into a suite, and that the models are simulated", async () => {
    const child = start("--port", "0")
    try {
      const text = await printed(child, (all) => all.includes("Ctrl-C"))
      assert.match(text, /simulated/)
      assert.match(text, /"fleet-openai": \{ kind: "openai", baseURL: "http:\/\/127\.0\.0\.1:\d+\/v1" \}/)
      assert.include(text, "sim-premium-large")
    } finally {
      child.kill("SIGKILL")
    }
  })

  it("refuses a port that is taken or none", async () => {
    const taken = createServer().listen(0, "127.0.0.1")
    await once(taken, "listening")
    try {
      const { port } = taken.address() as AddressInfo
      for (const [given, wanted, exit] of [
        [String(port), /cannot listen on port \d+ \(EADDRINUSE\)/, 5],
        ["70000", /--port 70000 is no port/, 2]
      ] as const) {
        const child = start("--port", given)
        let said = ""
        child.stderr.on("data", (chunk: Buffer) => {
          said += String(chunk)
        })
        const [code] = (await once(child, "close")) as [number | null]
        assert.match(said, wanted)
        assert.strictEqual(code, exit)
      }
    } finally {
      taken.close()
    }
  })
})

describe("a run at the fleet's address", { timeout: 180_000 }, () => {
  it.live("says that its answers are simulated, and a rerun that sends nothing says it too", () =>
    Effect.gen(function* () {
      const fleet = yield* serve({ profiles: sayings })
      const desk = yield* makeDesk
      yield* fillDesk(desk, 60)
      yield* desk.write("desk.suite.ts", suiteText(fleet.openaiURL))
      const told = yield* desk.run(["replay", "desk.suite.ts"])
      assert.match(told.stderr, /The answers of fleet are simulated: the bundled fleet gives them/)
      assert.match(told.stdout, /^\w+ \(simulated fleet\): /)
      assert.include(told.stdout, "answers come from the bundled simulated fleet, not from real models")
      const again = (yield* desk.run(["replay", "desk.suite.ts", "--json"])).json as RunResult
      assert.deepStrictEqual([again.spend.calls, again.spend.cached, again.archive.simulated], [0, 60, true])
      assert.match(again.assumptions.join("\n"), /All models here are simulated/)
    }).pipe(Effect.scoped)
  )
})
