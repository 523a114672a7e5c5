import * as Result from "effect/Result"

import type { ArchivedCall, Timing } from "../../domain/Call.ts"
import { digestOf, digestOfText } from "../../domain/digest.ts"
import { type Billed, billIn, billInUsage, isOpenRouters, unbilled } from "../billed.ts"
import type { Found, Importer, Line } from "../contract.ts"
import { fidelityOf } from "../fidelity.ts"
import { countIn, numberIn, objectIn, textIn, unpacked } from "../json.ts"
import { knownFormats } from "../known.ts"
import { between, type Moment, momentOf } from "../times.ts"
import { inputOutputRow, isInputOutput } from "./pair/inputOutput.ts"
import { MappedRows } from "./pair/mapped.ts"
import { mappingOf } from "./pair/mapping.ts"
import { Repeats } from "./pair/repeats.ts"
import { labelsOf, plainRow, type Row } from "./pair/row.ts"
import { addressOf } from "./wires/address.ts"
import { readBodies } from "./wires/bodies.ts"
import { Chain } from "./wires/chain.ts"
import { sessionOfRequest } from "./wires/tags.ts"
import { shapeOfRequest, shapeOfResponse } from "./wires.ts"

const timingOf = (row: Row, logged: Moment | undefined, created: unknown): Timing => {
  const start = logged ?? momentOf(created)
  const end = momentOf(row.end)
  const latencyMs = numberIn(row.latency) ?? between(logged, end)
  const ttftMs = numberIn(row.ttft)
  return {
    startedAt: start?.iso ?? null,
    ...(end === undefined ? {} : { endedAt: end.iso }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(ttftMs === undefined ? {} : { ttftMs }),
    basis: logged === undefined || logged.zoneAssumed ? "derived" : "reported"
  }
}

/** What is to be known of a time that was logged without its zone, or as something that is no time. */
const timeNotes = (row: Row, logged: Moment | undefined): ReadonlyArray<string> => {
  if (textIn(row.start) === undefined) return []
  if (logged === undefined) return ["the logged time cannot be read"]
  return logged.zoneAssumed ? ["times were logged without a zone and are taken as UTC"] : []
}

const billedOf = (row: Row): Billed => {
  const { nanoUsd, note } = billIn(row.cost)
  return {
    billed: nanoUsd === null ? unbilled : { nanoUsd: nanoUsd.toString(), basis: "client-estimate", billing: "metered" },
    notes: note === undefined ? [] : [note]
  }
}

const readPair = (file: string, line: number, row: Row, chain: Chain, repeats: Repeats): Found => {
  const address = addressOf(row.url)
  const status = countIn(row.status)
  const read = readBodies(
    {
      request: row.request,
      response: row.response,
      error: row.error,
      ...(status === undefined ? {} : { status }),
      ...(address?.model === undefined ? {} : { model: address.model }),
      ...(row.wire === undefined ? {} : { wire: row.wire })
    },
    chain
  )
  if (Result.isFailure(read)) return { _tag: "Skip", line, reason: read.failure }
  const { answered, asked, carried, conversation, created, response, usage } = read.success
  const provider = textIn(row.provider) ?? address?.provider ?? (isOpenRouters(usage) ? "openrouter" : undefined)
  const request = {
    ...read.success.request,
    ...(row.recorded?.tools === "unknown" || row.recorded?.tools === "absent" ? { tools: null } : {}),
    ...(provider === undefined ? {} : { provider }),
    ...(address === undefined ? {} : { endpoint: address.endpoint })
  }
  const logged = momentOf(row.start)
  const timing = timingOf(row, logged, created)
  // What was charged goes before what the row made of it.
  const { billed, notes } = billInUsage(usage, provider) ?? billedOf(row)
  const nativeId = textIn(row.id)
  // An id of a home-made log may be a row number: with the content beside it, two logs do not swallow each other's rows.
  const content = digestOfText(JSON.stringify([asked, answered]))
  const named = nativeId ?? textIn(row.start)
  const untold = named === undefined && response.id === undefined && created === undefined
  const before = untold ? repeats.before(content) : 0
  const dedupeKey = `pair:${named ?? ""}:${content}${before === 0 ? "" : `:${before}`}`
  const sessionId = textIn(row.session) ?? sessionOfRequest(asked) ?? conversation
  const trajectoryId = textIn(row.trajectory)
  const stepIndex = countIn(row.step)
  const recorded = { ...read.success.recorded, ...row.recorded }
  const told = [
    ...(read.success.recorded.notes ?? []),
    ...(row.recorded?.notes ?? []),
    ...timeNotes(row, logged),
    ...notes
  ]
  const call: ArchivedCall = {
    schema: "archived-call/1",
    id: digestOf(dedupeKey),
    request,
    response,
    usage,
    billed,
    timing,
    provenance: {
      importer: "pair",
      file,
      line,
      native: {
        ...(nativeId === undefined ? {} : { id: nativeId }),
        ...(response.id === undefined ? {} : { responseId: response.id })
      },
      identity: nativeId === undefined ? "content" : "native"
    },
    grouping: {
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(trajectoryId === undefined ? {} : { trajectoryId }),
      ...(stepIndex === undefined ? {} : { stepIndex }),
      attempt: 0
    },
    labels: labelsOf(row, asked),
    signals: [],
    fidelity: fidelityOf({ request, response, usage, billed, timing }, { ...recorded, notes: told })
  }
  return { _tag: "Call", call, dedupeKey, rank: carried }
}

/** Reads a row once the answer that it names is known, and what waited for its own. */
const readInTurn = (file: string, line: number, row: Row, chain: Chain, repeats: Repeats): ReadonlyArray<Found> =>
  chain.inTurn({ file, request: row.request, response: row.response }, () => readPair(file, line, row, chain, repeats))

const isBody = (value: unknown) => {
  const body = objectIn(unpacked(value))
  return body !== undefined && (shapeOfRequest(body) !== undefined || shapeOfResponse(body) !== undefined)
}

const readLine = (file: string, { line, ...read }: Line, chain: Chain, repeats: Repeats): ReadonlyArray<Found> => {
  if ("error" in read) return [{ _tag: "Skip", line, reason: read.error }]
  const row = objectIn(read.json)
  if (row === undefined) return [{ _tag: "Skip", line, reason: "not a JSON object" }]
  const told =
    "request" in row || "response" in row ? plainRow(row) : isInputOutput(row) ? inputOutputRow(row) : undefined
  return told !== undefined
    ? readInTurn(file, line, told, chain, repeats)
    : [{ _tag: "Other", type: textIn(row["type"]) ?? textIn(row["event"]) ?? "unknown object" }]
}

const readMapped = (
  file: string,
  line: Line,
  rows: MappedRows,
  chain: Chain,
  repeats: Repeats
): ReadonlyArray<Found> => {
  if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
  if (objectIn(line.json) === undefined && !Array.isArray(line.json))
    return [{ _tag: "Skip", line: line.line, reason: "not a JSON object" }]
  return readInTurn(file, line.line, rows.row(line.json), chain, repeats)
}

/**
 * Pairs of request and response bodies, as a team logs them itself: `{request, response}` a row, in the shape of OpenAI chat completions or
 * Responses, Anthropic messages or Ollama chat, or `{input, output}` with a body, messages or a prompt in it, with id, time, user, session, latency and labels beside them; streams are put together. With
 * a mapping, rows of any shape: a JSON pointer (RFC 6901) for each thing that they hold.
 */
export const pair: Importer = {
  id: "pair",
  about:
    "rows of {request, response} bodies: OpenAI chat and Responses, Anthropic messages, Ollama chat; any rows with --mapping",
  sniff: (sample) =>
    sample.first.some((value) => {
      const row = objectIn(value)
      if (row === undefined || "custom_id" in row) return false
      // Rows of other logs that are known hold an input and an output too.
      return (
        (isBody(row["request"]) && "response" in row) ||
        (isInputOutput(row) && !knownFormats.some((format) => format.is(row, value)))
      )
    }),
  start: ({ following, mapping }) => {
    const chain = new Chain({ following })
    if (mapping === undefined)
      return {
        open: (file) => {
          const repeats = new Repeats()
          return { line: (line) => readLine(file, line, chain, repeats), end: () => [] }
        },
        end: () => chain.end()
      }
    const rows = new MappedRows(mappingOf(mapping))
    return {
      open: (file) => {
        const repeats = new Repeats()
        return { line: (line) => readMapped(file, line, rows, chain, repeats), end: () => [] }
      },
      end: () => [...chain.end(), ...rows.idle.map((type) => ({ _tag: "Other", type }) as const)]
    }
  }
}
