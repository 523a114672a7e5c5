import { chmodSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer, type Server, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"

import type { LaneState } from "../calls/Calls.ts"
import { Fault } from "../domain/Fault.ts"

/** Version of what is spoken over the socket. */
export const version = 1

/** The socket in a run's folder, and the file that names another place where its path would be too long for the system. */
export const socketName = "control.sock"
export const elsewhereName = "control.path"

/** Bytes of a socket's path at most: macOS takes 104 with the zero at the end, Linux 108. */
const longest = 103

/** An order is one line, and longer ones are none. Characters. */
const longestLine = 65_536

/** So many tries at once, or as many as prove right. */
export const Concurrency = Schema.Union([
  Schema.Literal("adaptive"),
  Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000 }))
])

/** What a run can be told, as a JSON line. The accounts are retuned first, all or none. */
export const Order = Schema.Struct({
  v: Schema.Literal(version),
  do: Schema.Literals(["status", "pause", "resume", "stop"]),
  concurrency: Schema.optionalKey(Schema.Record(Schema.String, Concurrency))
})
export type Order = typeof Order.Type

/** Where a run stands, as it is told to others. Money as decimal texts of dollars. */
export interface Status {
  readonly run: string
  readonly command: string
  /** `starting`: it is there, and looks whether it may go on; nothing is asked yet. */
  readonly state: "starting" | "running" | "paused" | "stopping"
  readonly archive: string
  /** The accounts that it may ask, as kind and address: those of runs of other suites go by other names. */
  readonly asks: ReadonlyArray<string>
  readonly elapsedMs: number
  readonly works: ReadonlyArray<{
    readonly what: string
    readonly done: number
    readonly total: number
    readonly failed: number
    readonly usd: string
  }>
  readonly accounts: ReadonlyArray<LaneState>
  readonly spend: {
    readonly usd: string
    readonly capUsd: string | null
    readonly calls: number
    readonly cached: number
  }
}

/** The answer to an order, as a JSON line. */
export type Reply =
  | { readonly v: typeof version; readonly status: Status }
  | {
      readonly v: typeof version
      readonly error: { readonly kind: Fault["kind"]; readonly sentence: string; readonly mend?: string }
    }

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Order))

const refusal = ({ kind, mend, sentence }: Fault): Reply => ({
  v: version,
  error: { kind, sentence, ...(mend === undefined ? {} : { mend }) }
})

const answer = (line: string, obey: (order: Order) => Effect.Effect<Status, Fault>): Effect.Effect<Reply> => {
  const order = decode(line)
  if (Result.isFailure(order))
    return Effect.succeed(
      refusal(
        new Fault({
          kind: "usage",
          sentence: `the run does not understand this order: ${order.failure.message}`,
          mend: `It speaks version ${version} of the protocol: use the understudy that started it.`
        })
      )
    )
  return obey(order.success).pipe(
    Effect.map((status): Reply => ({ v: version, status })),
    Effect.catch((fault) => Effect.succeed(refusal(fault)))
  )
}

const serve = (obey: (order: Order) => Effect.Effect<Status, Fault>, open: Set<Socket>) =>
  createServer((socket) => {
    open.add(socket)
    socket.setEncoding("utf8")
    socket.on("error", () => socket.destroy())
    socket.on("close", () => open.delete(socket))
    let text = ""
    socket.on("data", (chunk: string) => {
      text += chunk
      for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n")) {
        const line = text.slice(0, end)
        text = text.slice(end + 1)
        void Effect.runPromise(answer(line, obey)).then((reply) => socket.write(`${JSON.stringify(reply)}\n`))
      }
      if (text.length > longestLine) socket.destroy()
    })
  })

/** Nobody but the user can connect, not even before the rights are set: the folder of a socket elsewhere is the user's alone, and the mask holds for one in the run's. */
const listening = (server: Server, path: string) =>
  new Promise<void>((resolve, reject) => {
    const mask = process.umask(0o177)
    server.once("error", reject)
    try {
      server.listen(path, () => {
        server.off("error", reject)
        resolve()
      })
    } finally {
      process.umask(mask)
    }
  }).then(() => chmodSync(path, 0o600))

/** A path for the socket that the system takes: in the run's folder, or a short one that a file there names. */
const placeFor = async (folder: string) => {
  const own = join(folder, socketName)
  if (Buffer.byteLength(own) <= longest) return own
  const path = join(await mkdtemp(join(tmpdir(), "understudy-")), socketName)
  await writeFile(join(folder, elsewhereName), `${path}\n`, { mode: 0o600 })
  return path
}

/**
 * Listens for orders at a run's socket, mode 0600, until the scope ends, which removes it. Fails where the system gives no socket; a run can go
 * on without.
 */
export const listen = (
  folder: string,
  obey: (order: Order) => Effect.Effect<Status, Fault>
): Effect.Effect<void, Fault, Scope.Scope> =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.tryPromise({
        try: async () => {
          const open = new Set<Socket>()
          const server = serve(obey, open)
          const path = await placeFor(folder)
          await listening(server, path)
          server.unref()
          return { open, path, server }
        },
        catch: (cause) =>
          new Fault({
            kind: "infrastructure",
            sentence: `this run cannot be steered by understudy ctl: ${cause instanceof Error ? cause.message : String(cause)}`
          })
      }),
      ({ open, path, server }) =>
        Effect.promise(async () => {
          const closed = new Promise((resolve) => server.close(resolve)) // removes the socket
          for (const socket of open) socket.destroySoon() // what was answered still goes out
          await closed
          await rm(path, { force: true })
          if (dirname(path) === folder) return
          await rm(dirname(path), { recursive: true, force: true })
          await rm(join(folder, elsewhereName), { force: true })
        })
    )
  )
