import { readFile } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { counted } from "../report/figures.ts"
import { Runs } from "../store/Runs.ts"
import { elsewhereName, type Order, type Reply, type Status, socketName, version } from "./control.ts"
import { patienceMs } from "./stopping.ts"

/** What a user wants of a run. */
export interface Wish {
  readonly do: Order["do"]
  /** `fleet=20`, `fleet=adaptive` */
  readonly concurrency: ReadonlyArray<string>
}

/** A run that is busy answers later than this only if it hangs. Milliseconds. */
const patience = 10_000

const badValue = (text: string, sentence: string) =>
  new Fault({
    kind: "usage",
    sentence: `--concurrency ${text}: ${sentence}`,
    mend: "Name a provider of the suite and how many calls it may have at once: --concurrency fleet=20, or fleet=adaptive."
  })

/** The order that a wish is. Fails, kind `usage`, where a value is none. */
export const orderOf = ({ concurrency, do: what }: Wish): Order | Fault => {
  const limits = new Map<string, number | "adaptive">()
  for (const text of concurrency) {
    const at = text.lastIndexOf("=")
    const [account, value] = [text.slice(0, at), text.slice(at + 1)]
    if (at <= 0 || value === "") return badValue(text, "a provider and a number are wanted")
    if (limits.has(account)) return badValue(text, `${account} is named twice`)
    if (value !== "adaptive" && !/^[1-9]\d{0,4}$/.test(value))
      return badValue(text, `${value} is neither a whole number from 1 to 99999 nor the word adaptive`)
    limits.set(account, value === "adaptive" ? value : Number(value))
  }
  return { v: version, do: what, ...(limits.size === 0 ? {} : { concurrency: Object.fromEntries(limits) }) }
}

/** The socket of a run's folder: there, or at the short path that a file there names. */
const socketOf = (folder: string) =>
  readFile(join(folder, elsewhereName), "utf8").then(
    (text) => text.trim(),
    () => join(folder, socketName)
  )

/** What the system says where nobody listens; the last two: where no socket can be, for the path is too long for one. */
const nobody = ["ENOENT", "ECONNREFUSED", "EINVAL", "ENAMETOOLONG"]

/** Sends an order to a socket and gives the reply; `undefined`: nobody listens there. */
const send = (path: string, order: Order): Effect.Effect<Reply | undefined, Fault> =>
  Effect.callback<Reply | undefined, Fault>((resume) => {
    const socket = connect(path)
    let text = ""
    let connected = false
    const silent = (why: string) =>
      new Fault({
        kind: "infrastructure",
        sentence: `the run does not answer: ${why}`,
        mend: "Try again; if it goes on like that, end the run with Ctrl-C in its terminal."
      })
    socket.setEncoding("utf8")
    socket.setTimeout(patience, () => {
      resume(silent(`nothing came within ${patience / 1000} s`))
      socket.destroy()
    })
    socket.on("connect", () => {
      connected = true
      socket.write(`${JSON.stringify(order)}\n`)
    })
    socket.on("data", (chunk: string) => {
      text += chunk
      const end = text.indexOf("\n")
      if (end === -1) return
      socket.end()
      // Our own line, written from this type.
      resume(Effect.succeed(JSON.parse(text.slice(0, end)) as Reply))
    })
    socket.on("error", (cause: NodeJS.ErrnoException) => {
      resume(nobody.includes(cause.code ?? "") ? Effect.succeed(undefined) : silent(cause.message))
    })
    socket.on("close", () => resume(connected ? silent("it ended meanwhile") : Effect.succeed(undefined)))
    return Effect.sync(() => socket.destroy())
  })

/** Tells the run of a folder an order and gives its reply; `undefined`: it is not going on. */
export const tell = (folder: string, order: Order): Effect.Effect<Reply | undefined, Fault> =>
  Effect.flatMap(
    Effect.promise(() => socketOf(folder)),
    (path) => send(path, order)
  )

const notGoingOn = (id: string, finished: boolean) =>
  new Fault({
    kind: "input",
    sentence: finished
      ? `run ${id} is not going on: it is finished`
      : `run ${id} is not going on: it was ended before it had a result`,
    mend: finished
      ? `Look at it with understudy report ${id}.`
      : "Start the same command again: answers that it paid for are not asked again."
  })

/** `latest`: the newest run that goes on, which need not be the newest. */
const newest = Effect.fnUntraced(function* (order: Order) {
  const runs = yield* Runs
  for (const id of yield* runs.list) {
    const { finished, folder } = yield* runs.at(id)
    const reply = finished ? undefined : yield* tell(folder, order)
    if (reply !== undefined) return reply
  }
  return yield* new Fault({
    kind: "input",
    sentence: "no run of this home is going on",
    mend: "Start one with understudy replay or climb; a run of another home is named with --home."
  })
})

const one = Effect.fnUntraced(function* (run: string, order: Order) {
  const { finished, folder, id } = yield* (yield* Runs).at(run)
  return (yield* tell(folder, order)) ?? (yield* notGoingOn(id, finished))
})

const pauses = { held: "held back", asked: "asked to wait", quota: "its quota is used up", down: "does not answer" }

/** A run's state for people. */
const textOf = ({ accounts, command, run, spend, state, works }: Status): string =>
  [
    `${command} ${run}: ${state}, $${spend.usd.slice(0, -5)}${spend.capUsd === null ? "" : ` of $${spend.capUsd.slice(0, -5)}`} for ${counted(spend.calls, "call")}, ${counted(spend.cached, "answer")} from the cache`,
    ...works.map(
      ({ done, failed, total, what }) =>
        `  ${what}: ${done}/${total} cases${failed === 0 ? "" : `, ${failed} without an answer`}`
    ),
    ...accounts.map(
      ({ account, limit, out, paused, tokensPerSecond: { input, output }, waiting }) =>
        `  ${account}: ${out} in flight of ${limit} at most, ${waiting} waiting, ${(input + output).toFixed(0)} tokens/s${paused === undefined ? "" : `, ${pauses[paused.why]}${paused.ms === null ? "" : ` for ${Math.ceil(paused.ms / 1000)} s`}`}`
    ),
    ...(state === "stopping"
      ? [
          `It ends when what is in flight has come back, after ${patienceMs / 1000} s at most. What was paid for is kept.`
        ]
      : [])
  ].join("\n")

/** Tells a run that is going on what its user wants, and gives where it stands then. */
export const steer = Effect.fn("Runs.steer")(function* (run: string, wish: Wish) {
  const order = orderOf(wish)
  if (order instanceof Fault) return yield* order
  const reply = yield* run === "latest" ? newest(order) : one(run, order)
  if ("error" in reply) return yield* new Fault(reply.error)
  return { doc: reply.status, text: textOf(reply.status) }
})
