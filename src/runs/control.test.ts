import { existsSync, readFileSync, statSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { listen, type Order, type Reply, type Status } from "./control.ts"
import { orderOf, tell } from "./ctl.ts"

const status = { run: "20261124T201500-ab12", state: "running" } as Status

/** Sends lines as they are and gives as many replies. */
const say = (path: string, ...lines: ReadonlyArray<string>) =>
  Effect.promise(
    () =>
      new Promise<ReadonlyArray<Reply>>((resolve, reject) => {
        const socket = connect(path, () => socket.write(lines.map((line) => `${line}\n`).join("")))
        let text = ""
        socket.setEncoding("utf8").on("error", reject)
        socket.on("data", (chunk: string) => {
          text += chunk
          const replies = text.split("\n").slice(0, -1)
          if (replies.length < lines.length) return
          socket.end()
          resolve(replies.map((line) => JSON.parse(line) as Reply))
        })
      })
  )

describe("a run's socket", () => {
  it.live(
    "takes orders of its version, tells what it does not understand, and is the user's alone until it is removed",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const path = join(folder, "control.sock")
        const orders: Array<Order> = []
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* listen(folder, (order) => {
              orders.push(order)
              return order.concurrency === undefined
                ? Effect.succeed(status)
                : Effect.fail(
                    new Fault({ kind: "input", sentence: "There is no provider called flet.", mend: "fleet" })
                  )
            })
            assert.strictEqual(statSync(path).mode & 0o777, 0o600)
            const replies = yield* say(
              path,
              '{"v":1,"do":"pause"}',
              '{"v":1,"do":"status","concurrency":{"flet":3}}',
              '{"v":2,"do":"pause"}',
              '{"v":1,"do":"status","concurrency":{"fleet":0}}',
              "hello"
            )
            assert.deepStrictEqual(replies.slice(0, 2), [
              { v: 1, status },
              { v: 1, error: { kind: "input", sentence: "There is no provider called flet.", mend: "fleet" } }
            ])
            for (const reply of replies.slice(2)) {
              assert.nestedPropertyVal(reply, "error.kind", "usage")
              assert.nestedPropertyVal(
                reply,
                "error.mend",
                "It speaks version 1 of the protocol: use the understudy that started it."
              )
            }
          })
        )
        assert.deepStrictEqual(
          orders.map((order) => order.do),
          ["pause", "status"]
        )
        assert.isFalse(existsSync(path))
      }).pipe(Effect.scoped)
  )

  it.live("lies at a short path that a file names where its own would be too long for the system", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "deep".repeat(30))
      yield* Effect.promise(() => mkdir(folder))
      const note = join(folder, "control.path")
      const ask = tell(folder, { v: 1, do: "status" })
      let path = ""
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* listen(folder, () => Effect.succeed(status))
          path = readFileSync(note, "utf8").trim()
          assert.strictEqual(statSync(path).mode & 0o777, 0o600)
          assert.deepStrictEqual(yield* ask, { v: 1, status })
        })
      )
      assert.isFalse(existsSync(path))
      assert.isFalse(existsSync(note))
      assert.isUndefined(yield* ask, "nobody listens there any more")
    }).pipe(Effect.scoped)
  )
})

describe("a wish of the command line", () => {
  it("is an order, or bad usage that says what a value is", () => {
    assert.deepStrictEqual(orderOf({ do: "resume", concurrency: ["fleet=20", "a=b=adaptive"] }), {
      v: 1,
      do: "resume",
      concurrency: { fleet: 20, "a=b": "adaptive" }
    })
    assert.deepStrictEqual(orderOf({ do: "status", concurrency: [] }), { v: 1, do: "status" })
    for (const bad of ["fleet", "=3", "fleet=", "fleet=0", "fleet=-1", "fleet=2.5", "fleet=many", "fleet=100000"]) {
      const fault = orderOf({ do: "status", concurrency: [bad] })
      assert.instanceOf(fault, Fault)
      assert.strictEqual((fault as Fault).kind, "usage")
      assert.include((fault as Fault).sentence, `--concurrency ${bad}: `)
    }
    assert.instanceOf(orderOf({ do: "status", concurrency: ["a=1", "a=2"] }), Fault)
  })
})
