import { existsSync, readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"

import { assert, describe, it } from "@effect/vitest"

import { litellm } from "../src/archive/importers/litellm.ts"
import { wantedIn } from "../src/standin/code/write.ts"
import { readTicket } from "../src/standin/desk/ticket.ts"
import { parse } from "../src/standin/json.ts"
import { makeCodeSample } from "./sample/code.ts"
import { Random } from "./sample/random.ts"
import { makeSample } from "./sample/sample.ts"
import { makeTicket } from "./sample/tickets.ts"

const folder = new URL("../datasets/support-desk/", import.meta.url)
const committed = gunzipSync(readFileSync(new URL("calls.jsonl.gz", folder))).toString("utf8")
const { counts, lines } = makeSample()

describe("the bundled sample", () => {
  it("is what its generator makes, byte for byte once unpacked", () => {
    assert.isTrue(committed === `${lines.join("\n")}\n`, "run scripts/make-sample.ts and commit what it writes")
  })

  it("holds what its README says", () => {
    const readme = readFileSync(new URL("README.md", folder), "utf8")
    for (const [what, n] of Object.entries(counts)) assert.include(readme, `| ${what} | ${n} |`)
  })

  it("is read by the LiteLLM importer: every answered call whole, in its session, under its labels", () => {
    const reader = litellm.start({}).open("calls.jsonl")
    const found = lines.flatMap((line, i) => {
      const json = parse(line)
      return reader.line(json === undefined ? { line: i + 1, error: "torn" } : { line: i + 1, json })
    })
    const all = found.flatMap((one) => (one._tag === "Call" ? [one.call] : []))
    const calls = [...new Map(all.map((call) => [call.id, call])).values()]
    assert.strictEqual(found.length, counts["lines"])
    assert.strictEqual(found.length - all.length, counts["broken lines"])
    assert.strictEqual(all.length - calls.length, counts["lines that stand there twice"])
    const answered = calls.filter(({ response }) => response.error === undefined)
    assert.strictEqual(answered.length, counts["answered calls"])
    assert.strictEqual(calls.length - answered.length, counts["failed calls"])
    for (const task of ["triage", "extract", "act", "reply"])
      assert.strictEqual(answered.filter(({ labels }) => labels["taskType"] === task).length, counts[task])
    assert.strictEqual(new Set(calls.map(({ grouping }) => grouping.sessionId)).size, counts["sessions"])
    assert.deepStrictEqual(new Set(answered.map(({ fidelity }) => fidelity.grade)), new Set(["A"]))
    assert.strictEqual(new Set(calls.map(({ labels }) => labels["engineer"])).size, 8)
    assert.strictEqual(new Set(calls.map(({ labels }) => labels["team"])).size, 4)
    assert.isTrue(answered.some(({ usage }) => (usage.input?.cacheRead ?? 0) > 0))
    assert.isTrue(calls.every(({ billed }) => billed.nanoUsd !== null))
    const months = calls.map(({ timing }) => timing.startedAt?.slice(0, 7))
    assert.deepStrictEqual([...new Set(months)], ["2026-05", "2026-06", "2026-07"])
  })

  it("tells every fact of a ticket, so that a reader finds them all again", () => {
    const random = new Random(1)
    for (let i = 0; i < 2_000; i++) {
      const { facts, text } = makeTicket(random, i, new Date(Date.UTC(2026, 0, 1) + i * 7_000_000))
      const read = readTicket(text)
      assert.deepStrictEqual({ ...read, ...facts }, { ...read }, text)
    }
  })
})

describe("the code sample", () => {
  const folder = new URL("../datasets/code-desk/", import.meta.url)
  const { counts, lines } = makeCodeSample()

  it("is what its generator makes, and holds what its README says", () => {
    const committed = gunzipSync(readFileSync(new URL("calls.jsonl.gz", folder))).toString("utf8")
    assert.isTrue(committed === `${lines.join("\n")}\n`, "run scripts/make-sample.ts and commit what it writes")
    const readme = readFileSync(new URL("README.md", folder), "utf8")
    for (const [what, n] of Object.entries(counts)) assert.include(readme, `| ${what} | ${n} |`)
  })

  it("is read by the LiteLLM importer whole, in its sessions, with labels that choose the test and its parameters", () => {
    const reader = litellm.start({}).open("calls.jsonl")
    const calls = lines
      .flatMap((line, i) => reader.line({ line: i + 1, json: parse(line)! }))
      .flatMap((one) => (one._tag === "Call" ? [one.call] : []))
    assert.strictEqual(calls.length, counts["answered calls"])
    assert.strictEqual(new Set(calls.map(({ grouping }) => grouping.sessionId)).size, counts["sessions"])
    assert.strictEqual(new Set(calls.map(({ labels }) => labels["task"])).size, counts["kinds of modules"])
    assert.isTrue(calls.every(({ billed, fidelity }) => billed.nanoUsd !== null && fidelity.grade === "A"))
    for (const { labels, request } of calls) {
      assert.isTrue(existsSync(new URL(`fixture/test/${labels["task"]}.test.mjs`, folder)), labels["task"])
      const wanted = wantedIn(JSON.stringify(request.messages).replaceAll('\\"', '"'))
      assert.strictEqual(wanted?.task.name, labels["task"])
      assert.strictEqual(wanted?.given.join("-"), labels["given"])
    }
  })
})
