import type { ArchivedCall, CallResponse, Signal, Timing } from "../../domain/Call.ts"
import { digestOf } from "../../domain/digest.ts"
import type { Found } from "../contract.ts"
import { fidelityOf } from "../fidelity.ts"
import type { Moment } from "../times.ts"
import { between } from "../times.ts"
import type { Exchange } from "./span.ts"

/** A call as a trace tells it, before it is a record. */
export interface TracedCall {
  readonly importer: string
  readonly file: string
  readonly line: number
  /** What tells it from its copies. */
  readonly dedupeKey: string
  readonly exchange: Exchange
  readonly error?: CallResponse["error"]
  readonly billed: ArchivedCall["billed"]
  readonly timing: Timing
  readonly native: Readonly<{ [name: string]: string }>
  /** What the dedupe key rests on, where that is no id of the log. */
  readonly identity?: ArchivedCall["provenance"]["identity"]
  readonly producer?: { readonly name: string; readonly version?: string }
  readonly grouping: ArchivedCall["grouping"]
  readonly labels: ArchivedCall["labels"]
  readonly signals?: ReadonlyArray<Signal>
  readonly notes?: ReadonlyArray<string>
  readonly rank?: number
}

/** The record of a call, graded. An error that was recorded is the answer it was. */
export const callOf = (record: TracedCall): Found => {
  const { billed, dedupeKey, error, exchange, timing } = record
  const { request, usage } = exchange
  const response: CallResponse =
    error === undefined ? exchange.response : { ...exchange.response, stopReason: "error", complete: false, error }
  const notes = [...(exchange.recorded.notes ?? []), ...(record.notes ?? [])]
  const { response: state, ...recorded } = exchange.recorded
  const kept = error === undefined ? state : state === "absent" ? "verbatim" : state
  const call: ArchivedCall = {
    schema: "archived-call/1",
    id: digestOf(dedupeKey),
    request,
    response,
    usage,
    billed,
    timing,
    provenance: {
      importer: record.importer,
      file: record.file,
      line: record.line,
      ...(record.producer === undefined ? {} : { producer: record.producer }),
      native: record.native,
      identity: record.identity ?? "native"
    },
    grouping: record.grouping,
    labels: record.labels,
    signals: record.signals ?? [],
    fidelity: fidelityOf(
      { request, response, usage, billed, timing },
      { ...recorded, ...(kept === undefined ? {} : { response: kept }), notes }
    )
  }
  return { _tag: "Call", call, dedupeKey, ...(record.rank === undefined ? {} : { rank: record.rank }) }
}

/** An error as traces have it: its type and its message. */
export const errorNamed = (
  type: string | undefined,
  message: string | undefined
): NonNullable<CallResponse["error"]> => ({
  type: (type ?? "error").slice(0, 200),
  message: (message ?? type ?? "the log holds no message").slice(0, 2000)
})

/** Times of a call from its moments. */
export const timingOf = (
  start: Moment | undefined,
  end: Moment | undefined,
  ttftMs: number | undefined,
  zoneKnown = true
): Timing => {
  const latencyMs = between(start, end)
  return {
    startedAt: start?.iso ?? null,
    ...(end === undefined ? {} : { endedAt: end.iso }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(ttftMs === undefined ? {} : { ttftMs }),
    basis: !zoneKnown && start?.zoneAssumed === true ? "derived" : "reported"
  }
}
