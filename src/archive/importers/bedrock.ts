import * as Result from "effect/Result"

import type { CallResponse } from "../../domain/Call.ts"
import { digestOf } from "../../domain/digest.ts"
import { unbilled } from "../billed.ts"
import type { Found, Importer, Line, Session } from "../contract.ts"
import { wholeBody } from "../fidelity.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, objectIn, textIn, unpacked } from "../json.ts"
import { openBody } from "../secrets.ts"
import { callOf, errorNamed } from "../spans/record.ts"
import type { Exchange } from "../spans/span.ts"
import { momentOf } from "../times.ts"
import { Bodies, bodyOf, isBodyFile, type Waiting } from "./bedrock/bodies.ts"
import { converseAnswer, converseRequest, isConverse } from "./bedrock/converse.ts"
import { countsOf, isRecord, labelsOf, modelOf, recordsIn } from "./bedrock/record.ts"
import { completionIn } from "./bedrock/vendors.ts"
import { Chain } from "./wires/chain.ts"
import { contentless, type GatewayRow, isBody, readGatewayRow } from "./wires/gateway.ts"
import { shapeOfRequest, shapeOfResponse } from "./wires.ts"

/** What a record says of a call, with its bodies. */
interface Call {
  readonly asked: JsonObject | undefined
  readonly answered: unknown
  readonly model: string
  readonly streamed: boolean
  readonly operation: string | undefined
  readonly error: CallResponse["error"]
  readonly counts: GatewayRow["counts"]
  readonly notes: ReadonlyArray<string>
}

interface Read {
  readonly exchange: Exchange
  readonly latencyMs?: number
  readonly native?: Readonly<{ [name: string]: string }>
}

const noAnswer: CallResponse = { blocks: [], stopReason: "unknown", complete: false }

const readConverse = (call: Call, asked: JsonObject): Result.Result<Read, string> => {
  const request = converseRequest(openBody(asked), call)
  if (request === undefined) return Result.fail("a Converse request without messages")
  const body = objectIn(unpacked(call.answered))
  const answer = body === undefined ? undefined : converseAnswer(body)
  const variables = "promptVariables" in asked
  const known = answer !== undefined && (answer.usage.input !== null || answer.usage.output !== null)
  return Result.succeed({
    exchange: {
      request,
      response: answer?.response ?? noAnswer,
      usage: known ? answer.usage : call.counts,
      recorded: {
        ...wholeBody,
        ...(variables ? { system: "absent", history: "partial" } : {}),
        ...(answer === undefined ? { response: "absent" } : {}),
        notes: [
          ...call.notes,
          ...(variables ? ["the prompt is kept at Bedrock under its name"] : []),
          ...(answer === undefined && call.error === undefined ? ["the answer was not logged"] : [])
        ]
      }
    },
    ...(answer?.latencyMs === undefined ? {} : { latencyMs: answer.latencyMs })
  })
}

/** A wire's own bodies. Claude's carry fields that its own API has in headers: they are taken out. */
const readWire = (call: Call, asked: JsonObject | undefined, chain: Chain): Result.Result<Read, string> => {
  const { anthropic_beta: beta, anthropic_version: version, ...body } = asked ?? {}
  const claude = textIn(version) !== undefined
  const betas = arrayIn(beta)?.flatMap((one) => textIn(one) ?? []) ?? []
  const read = readGatewayRow(
    {
      request:
        asked === undefined ? undefined : { ...body, model: call.model, ...(call.streamed ? { stream: true } : {}) },
      response: call.answered,
      ...(call.error === undefined ? {} : { error: call.error }),
      ...(claude ? { wire: "anthropic.messages" as const } : {}),
      model: call.model,
      counts: call.counts,
      notes: [
        ...call.notes,
        ...(betas.length === 0
          ? []
          : [`beta features were asked for, which the request does not name: ${betas.join(", ")}`])
      ]
    },
    chain
  )
  return Result.map(read, ({ exchange }) => ({
    exchange,
    ...(claude ? { native: { anthropicVersion: textIn(version)! } } : {})
  }))
}

const readCompletion = (call: Call, asked: JsonObject): Result.Result<Read, string> => {
  const read = completionIn(asked, unpacked(call.answered), call)
  if (read === undefined)
    return Result.fail(`the bodies are of a shape of ${vendorOf(call.model)}'s own, which is not read`)
  const { recorded, request, response } = read
  return Result.succeed({
    exchange: {
      request,
      response,
      usage: call.counts,
      recorded: { ...recorded, notes: [...(recorded.notes ?? []), ...call.notes] }
    }
  })
}

const vendorOf = (model: string): string => /^(?:[a-z-]+\.)?([a-z0-9]+)\./.exec(model)?.[1] ?? "its vendor"

const hasWire = (body: unknown, shapeOf: typeof shapeOfRequest): boolean => {
  const object = objectIn(body)
  const shape = object === undefined ? undefined : shapeOf(object)
  return shape !== undefined && "wire" in shape
}

const readExchange = (call: Call, chain: Chain): Result.Result<Read, string> => {
  const { answered, asked, counts, model, notes } = call
  if (asked === undefined)
    return isBody(answered) && !isConverse(call.operation, undefined) && hasWire(unpacked(answered), shapeOfResponse)
      ? readWire(call, undefined, chain)
      : Result.succeed({ exchange: contentless({ model, provider: "bedrock", usage: counts, notes }) })
  if (isConverse(call.operation, asked) || objectIn(objectIn(unpacked(answered))?.["output"]) !== undefined)
    return readConverse(call, asked)
  if ("anthropic_version" in asked && !("prompt" in asked)) return readWire(call, asked, chain)
  return hasWire(asked, shapeOfRequest) || hasWire(unpacked(answered), shapeOfResponse)
    ? readWire(call, asked, chain)
    : readCompletion(call, asked)
}

/** What a model makes that is no answer in words; `undefined` for one that answers. */
const otherThanText = (model: string, answered: unknown): string | undefined => {
  const body = objectIn(unpacked(answered)) ?? {}
  if (/embed/.test(model) || "embedding" in body || "embeddings" in body) return "Bedrock embedding"
  if (/rerank/.test(model)) return "Bedrock reranking"
  return /stability\.|image|canvas|reel/.test(model) || "artifacts" in body || "images" in body
    ? "Bedrock picture or film"
    : undefined
}

/** One import: records wait for the bodies that lie apart from them. */
class Import implements Session {
  readonly #bodies = new Bodies()
  readonly #chain = new Chain()

  open(file: string) {
    if (!isBodyFile(file)) return { line: (line: Line): ReadonlyArray<Found> => this.#line(file, line), end: () => [] }
    const values: Array<unknown> = []
    let broken = false
    return {
      line: (line: Line): ReadonlyArray<Found> => {
        if ("json" in line) values.push(line.json)
        else broken = true
        return broken && values.length === 0 && "error" in line
          ? [{ _tag: "Skip", line: line.line, reason: `a body that lies apart from its log: ${line.error}` }]
          : []
      },
      // A list at the top of a file is given value by value: the events of a stream.
      end: (): ReadonlyArray<Found> =>
        values.length === 0
          ? []
          : this.#bodies.body(file, values.length === 1 ? values[0] : values).map((one) => this.#read(one))
    }
  }

  end(): ReadonlyArray<Found> {
    const found = this.#bodies.end().map((one) => this.#read(one))
    const left = this.#bodies.read.size
    return left === 0 ? found : [...found, { _tag: "Other", type: "Bedrock body without its log record", count: left }]
  }

  #line(file: string, line: Line): ReadonlyArray<Found> {
    if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
    return recordsIn(line.json).flatMap((one): ReadonlyArray<Found> => {
      const record = objectIn(one)
      if (record === undefined) return [{ _tag: "Skip", line: line.line, reason: "not a JSON object" }]
      if (!isRecord(record)) return [{ _tag: "Other", type: textIn(record["schemaType"]) ?? "unknown object" }]
      const waiting = { file, line: line.line, record }
      return this.#bodies.add(waiting) ? [this.#read(waiting)] : []
    })
  }

  #read({ file, line, record }: Waiting): Found {
    const skip = (reason: string): Found => ({ _tag: "Skip", file, line, reason })
    const model = modelOf(record)
    if (model === undefined) return skip("the record names no model")
    const input = bodyOf(record, "input", this.#bodies.read)
    const output = bodyOf(record, "output", this.#bodies.read)
    this.#bodies.done(record)
    const other = otherThanText(model, output.body)
    if (other !== undefined) return { _tag: "Other", type: other }
    const apart = input.apart || output.apart
    const operation = textIn(record["operation"])
    const code = textIn(record["errorCode"])
    const error = code === undefined ? undefined : errorNamed(code, textIn(record["errorMessage"]) ?? code)
    const asked = objectIn(unpacked(input.body))
    const read = readExchange(
      {
        asked,
        answered: output.body,
        model,
        streamed: /Stream$/.test(operation ?? ""),
        operation,
        error,
        counts: countsOf(record),
        notes: apart
          ? ["large bodies lie in S3 objects of their own: copy the folder data beside the log and import both"]
          : asked === undefined
            ? ["the log holds no bodies: switch the delivery of text on in Bedrock's settings"]
            : []
      },
      this.#chain
    )
    return Result.isFailure(read) ? skip(read.failure) : this.#found(read.success, { file, line, record, error })
  }

  #found(
    { exchange, latencyMs, native }: Read,
    { error, file, line, record }: Waiting & { readonly error: CallResponse["error"] }
  ): Found {
    const start = momentOf(record["timestamp"])
    const requestId = textIn(record["requestId"])
    const region = textIn(record["region"])
    const { id } = exchange.response
    const dedupeKey = `bedrock:${requestId ?? digestOf([exchange.request, exchange.response, record["timestamp"] ?? null])}`
    const modelId = textIn(record["modelId"])
    return callOf({
      importer: "bedrock",
      file,
      line,
      dedupeKey,
      ...(requestId === undefined ? { identity: "content" as const } : {}),
      exchange: {
        ...exchange,
        request: {
          ...exchange.request,
          provider: "bedrock",
          ...(region === undefined || !/^[\w-]{1,40}$/.test(region)
            ? {}
            : { endpoint: `https://bedrock-runtime.${region}.amazonaws.com` })
        }
      },
      ...(error === undefined ? {} : { error }),
      billed: unbilled,
      timing: {
        startedAt: start?.iso ?? null,
        ...(latencyMs === undefined ? {} : { latencyMs }),
        basis: start?.zoneAssumed === true ? "derived" : "reported"
      },
      native: {
        ...(requestId === undefined ? {} : { requestId }),
        ...(id === undefined ? {} : { responseId: id }),
        ...(modelId === undefined ? {} : { modelId }),
        ...native
      },
      grouping: { attempt: 0 },
      labels: labelsOf(record),
      rank: (exchange.request.messages.length > 0 ? 1 : 0) + (exchange.response.blocks.length > 0 ? 1 : 0)
    })
  }
}

/**
 * Amazon Bedrock's model invocation logs, as S3 and CloudWatch hold them: Converse, and InvokeModel with the bodies of Claude, of models that
 * speak OpenAI's wire, of Nova, and of older models as text. Large bodies that Bedrock put into objects of their own are joined where they are
 * imported too.
 */
export const bedrock: Importer = {
  id: "bedrock",
  about: "Amazon Bedrock model invocation logs (S3, CloudWatch)",
  together: true,
  sniff: (sample) =>
    (isBodyFile(sample.file) && sample.first.length > 0) ||
    sample.first.some((value) =>
      recordsIn(value).some((one) => {
        const record = objectIn(one)
        return record !== undefined && isRecord(record)
      })
    ),
  start: () => new Import()
}
