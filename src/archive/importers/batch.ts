import * as Result from "effect/Result"

import type { ArchivedCall, CallRequest } from "../../domain/Call.ts"
import { digestOf } from "../../domain/digest.ts"
import { requestOfResponse } from "../../providers/wires/openaiResponses.ts"
import type { Found, Importer, Line } from "../contract.ts"
import { fidelityOf, type Recorded, usageOnly } from "../fidelity.ts"
import { arrayIn, objectIn, textIn } from "../json.ts"
import { LabelSet } from "../labels.ts"
import { momentOf } from "../times.ts"
import { batchIdOf, inputIn, type Output, outputIn } from "./batch/halves.ts"
import { Join, type Joined } from "./batch/join.ts"
import { addressOf } from "./wires/address.ts"
import { loggedIn, readAnswer, shapeOfLogged } from "./wires/answer.ts"
import { type ReadBodies, readBodies } from "./wires/bodies.ts"
import { Chain } from "./wires/chain.ts"
import { addTags, sessionOfRequest } from "./wires/tags.ts"

/** A batch costs half; nobody logs how much that was. */
const billed: ArchivedCall["billed"] = { nanoUsd: null, basis: "none", billing: "batch" }

type Read = Pick<ReadBodies, "request" | "response" | "usage" | "recorded"> &
  Partial<Pick<ReadBodies, "asked" | "carried" | "created">>

const callOf = (read: Read, output: Output, inputFile: string | undefined): Found => {
  const { asked, carried = 0, created, recorded, request, response, usage } = read
  const { customId, file, line, requestId } = output
  const startedAt = momentOf(created)?.iso ?? null
  const timing: ArchivedCall["timing"] = { startedAt, basis: "derived" }
  const batchId = batchIdOf(file) ?? (inputFile === undefined ? undefined : batchIdOf(inputFile))
  // An answer is the same one whether its request was found or not: the call with the request takes the other's place.
  const made = digestOf(output.failed ? [asked ?? null, response.error ?? null] : output.body)
  const content = response.id ?? requestId ?? `${batchIdOf(file) ?? ""}:${made}`
  const dedupeKey = `batch:${customId}:${content}`
  const sessionId = asked === undefined ? undefined : sessionOfRequest(asked)
  const labels = new LabelSet().add("custom_id", customId)
  const call: ArchivedCall = {
    schema: "archived-call/1",
    id: digestOf(dedupeKey),
    request,
    response,
    usage,
    billed,
    timing,
    provenance: {
      importer: "batch",
      file,
      line,
      native: {
        customId,
        ...(requestId === undefined ? {} : { requestId }),
        ...(response.id === undefined ? {} : { responseId: response.id })
      },
      identity: response.id === undefined && requestId === undefined ? "content" : "native"
    },
    grouping: {
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(batchId === undefined ? {} : { batchId }),
      attempt: 0
    },
    labels: (asked === undefined ? labels : addTags(labels, asked)).all,
    signals: [],
    fidelity: fidelityOf({ request, response, usage, billed, timing }, recorded)
  }
  return { _tag: "Call", call, dedupeKey, rank: asked === undefined ? 0 : 1 + carried }
}

const readJoined = ({ input, output }: Joined, chain: Chain): Found => {
  const read = readBodies(
    {
      request: input.body,
      response: output.body,
      ...(output.failed ? { error: output.error ?? { message: "the request failed" } } : {}),
      ...(output.status === undefined ? {} : { status: output.status })
    },
    chain
  )
  if (Result.isFailure(read)) return { _tag: "Skip", file: output.file, line: output.line, reason: read.failure }
  const address = addressOf(input.url)
  const request = address === undefined ? read.success.request : { ...read.success.request, endpoint: address.endpoint }
  return callOf({ ...read.success, request }, output, input.file)
}

/** Reads a call once the answer that it names is known, and what waited for its own. */
const readInTurn = (joined: Joined, chain: Chain): ReadonlyArray<Found> => {
  const { input, output } = joined
  const pair = { file: output.file, request: input.body, response: output.body }
  return chain.inTurn(pair, () => readJoined(joined, chain))
}

const alone: Recorded = {
  ...usageOnly,
  response: "verbatim",
  notes: ["the batch's input file was not read with it: import input and output together, in one command"]
}

const reasons = {
  nothing: "an output without its input, and without an answer: import both files together, in one command",
  unanswered: "an input without its output: import both files together, in one command",
  ambiguous:
    "an input without its output: several batches use its custom_id, and nothing tells which answer belongs to it"
}

/** An answer whose request is not there. OpenAI's Responses repeat all of it but the input. */
const readAlone = (output: Output): Found => {
  const skip = (reason: string): Found => ({ _tag: "Skip", file: output.file, line: output.line, reason })
  const logged = loggedIn(output.body)
  const shape = shapeOfLogged(logged)
  if (output.failed || shape === undefined) return skip(reasons.nothing)
  if ("unread" in shape) return skip(`${shape.unread}, which is not read yet`)
  const answer = readAnswer(shape.wire, logged, undefined)
  if (Result.isFailure(answer)) return skip(`the response cannot be read: ${answer.failure}`)
  const { response, usage } = answer.success
  const echo = shape.wire === "openai.responses" ? requestOfResponse(output.body) : Result.fail("")
  if (response.model === undefined) return skip("an output without its input, which names no model")
  const request: CallRequest = Result.isSuccess(echo)
    ? echo.success
    : { wire: shape.wire, model: response.model, messages: [], tools: null, params: {} }
  const recorded: Recorded = Result.isSuccess(echo)
    ? { ...alone, system: "verbatim", tools: "verbatim", params: "reconstructed" }
    : alone
  const body = objectIn(output.body)
  return callOf(
    { request, response, usage, recorded, created: body?.["created"] ?? body?.["created_at"] },
    output,
    undefined
  )
}

const endOf = (join: Join, chain: Chain): ReadonlyArray<Found> => {
  const { inputs, joined, outputs } = join.end()
  return [
    ...joined.flatMap((one) => readInTurn(one, chain)),
    ...chain.end(),
    ...outputs.map(
      ({ output, why }): Found =>
        why === "alone"
          ? readAlone(output)
          : { _tag: "Duplicate", line: output.line, rule: "an answer beats the error of the same request" }
    ),
    ...inputs.map(
      ({ input, why }): Found =>
        why === "again"
          ? { _tag: "Duplicate", line: input.line, rule: "the same request of the same custom_id" }
          : { _tag: "Skip", file: input.file, line: input.line, reason: reasons[why] }
    )
  ]
}

const readLine = (join: Join, chain: Chain, file: string, line: Line): ReadonlyArray<Found> => {
  if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
  const requests = requestsIn(line.json)
  return requests === undefined
    ? readHalf(join, chain, file, line.line, line.json)
    : requests.flatMap((one) => readHalf(join, chain, file, line.line, one))
}

const readHalf = (join: Join, chain: Chain, file: string, line: number, json: unknown): ReadonlyArray<Found> => {
  const skip = (reason: string): ReadonlyArray<Found> => [{ _tag: "Skip", line, reason }]
  const row = objectIn(json)
  if (row === undefined) return skip("not a JSON object")
  const input = inputIn(row, file, line)
  const output = input === undefined ? outputIn(row, file, line) : undefined
  if (input === undefined && output === undefined)
    return "custom_id" in row
      ? skip("a batch row with neither a request nor an answer")
      : [{ _tag: "Other", type: textIn(row["object"]) ?? textIn(row["type"]) ?? "unknown object" }]
  const joined = input === undefined ? join.output(output!) : join.input(input)
  return joined === undefined ? [] : readInTurn(joined, chain)
}

const isHalf = (value: unknown): boolean => {
  const row = objectIn(value)
  return (
    row !== undefined &&
    "custom_id" in row &&
    ["body", "params", "response", "result", "error"].some((key) => key in row)
  )
}

/** The requests of the body with which Anthropic's batches are made: `{ requests: [{ custom_id, params }] }`. */
const requestsIn = (json: unknown): ReadonlyArray<unknown> | undefined => {
  const row = objectIn(json)
  const requests = row === undefined || "custom_id" in row ? undefined : arrayIn(row["requests"])
  return requests?.some(isHalf) === true ? requests : undefined
}

/**
 * Batch files of OpenAI (and hosts of its form) and Anthropic: input and output, and the file of errors, joined on `custom_id` whatever
 * their order, within one import. An input without its output is a skip; an output without its input is a call of which only the answer is
 * known, until both come together.
 */
export const batch: Importer = {
  id: "batch",
  about: "OpenAI and Anthropic batch files, input and output together",
  together: true,
  sniff: (sample) => sample.first.some((value) => isHalf(value) || requestsIn(value) !== undefined),
  start: ({ following }) => {
    const join = new Join()
    const chain = new Chain({ following })
    return {
      open: (file) => ({ line: (line) => readLine(join, chain, file, line), end: () => [] }),
      end: () => endOf(join, chain)
    }
  }
}
