import type { CallResponse, Signal, Usage } from "../../../domain/Call.ts"
import { noUsage } from "../../../providers/wires/usage.ts"
import { billIn, unbilled } from "../../billed.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, countIn, numberIn, objectIn, textIn, unpacked } from "../../json.ts"
import { LabelSet } from "../../labels.ts"
import { answerIn, responseOf } from "../../spans/answers.ts"
import type { TracedCall } from "../../spans/record.ts"
import { errorNamed, timingOf } from "../../spans/record.ts"
import type { Asked } from "../../spans/requests.ts"
import { requestOf } from "../../spans/requests.ts"
import type { Exchange } from "../../spans/span.ts"
import { inclusive, usageOf } from "../../spans/tokens.ts"
import { usageIn } from "../../spans/usages.ts"
import { between, momentOf } from "../../times.ts"
import { objectAt } from "./runs.ts"

/** Counts on the run itself, as LangSmith shows them. */
const runUsage = (run: JsonObject): Usage | undefined => {
  const input = objectAt(run, "prompt_token_details")
  const output = objectAt(run, "completion_token_details")
  const usage = usageOf(
    {
      input: countIn(run["prompt_tokens"]),
      output: countIn(run["completion_tokens"]),
      total: countIn(run["total_tokens"]),
      cacheRead: countIn(input["cache_read"]),
      cacheWrite5m: countIn(input["ephemeral_5m_input_tokens"]),
      cacheWrite1h: countIn(input["ephemeral_1h_input_tokens"]),
      cacheWriteOther: countIn(input["cache_creation"]),
      reasoning: countIn(output["reasoning"])
    },
    inclusive
  )
  // LangSmith writes zeroes on runs of which it knows nothing.
  const known = (usage.input?.total ?? 0) + (usage.output?.total ?? 0) > 0
  return known ? usage : undefined
}

const usageOfRun = (run: JsonObject, outputs: JsonObject, metadata: JsonObject, answered: Usage | undefined): Usage => {
  const llm = objectIn(outputs["llm_output"]) ?? objectIn(outputs["llmOutput"]) ?? {}
  return (
    answered ??
    usageIn(outputs["usage_metadata"]) ??
    usageIn(outputs["usage"]) ??
    usageIn(llm["token_usage"]) ??
    usageIn(llm["tokenUsage"]) ??
    usageIn(metadata["usage_metadata"]) ??
    runUsage(run) ??
    noUsage
  )
}

/** Chunks of a stream that were logged instead of the answer. */
const joinedChunks = (outputs: JsonObject): unknown => {
  const chunks = arrayIn(outputs["output"]) ?? arrayIn(outputs["chunks"])
  const texts = chunks?.map((chunk) => {
    const object = objectIn(chunk)
    const delta = objectIn(objectIn(arrayIn(object?.["choices"])?.[0])?.["delta"])
    return delta === undefined ? undefined : (textIn(delta["content"]) ?? "")
  })
  return texts !== undefined && texts.length > 0 && texts.every((text) => text !== undefined)
    ? texts.join("")
    : undefined
}

/** The model call of a run. LangChain logs the parameters as they were sent beside the messages; wrapped clients log their whole arguments. */
export const exchangeIn = (run: JsonObject): Exchange => {
  const inputs = unpacked(run["inputs"])
  const outputs = objectAt(run, "outputs")
  const extra = objectAt(run, "extra")
  const metadata = objectIn(extra["metadata"]) ?? {}
  const parameters = objectIn(unpacked(extra["invocation_params"]))
  const model =
    textIn(objectIn(inputs)?.["model"]) ??
    textIn(parameters?.["model"]) ??
    textIn(parameters?.["model_name"]) ??
    textIn(metadata["ls_model_name"])
  const asked: Asked = {
    input: inputs,
    model,
    provider: textIn(metadata["ls_provider"]),
    ...(parameters === undefined
      ? {}
      : // What was bound to the model stands among its parameters: where no tools do, none were offered.
        {
          settings: parameters,
          tools: parameters["tools"] ?? parameters["functions"] ?? [],
          params: "verbatim" as const
        })
  }
  const read = requestOf(asked)
  const streamed = joinedChunks(outputs)
  const answer = streamed === undefined ? answerIn(unpacked(run["outputs"])) : answerIn(streamed)
  const said =
    answer === undefined || (answer.state === "reconstructed" && answer.blocks.length === 0) ? undefined : answer
  const state = said === undefined ? "absent" : streamed === undefined ? said.state : "reconstructed"
  const kept = textIn(run["inputs_s3_urls"]) !== undefined || objectIn(unpacked(run["inputs_s3_urls"])) !== undefined
  const moved = kept && read.request.messages.length === 0
  return {
    request: read.request,
    response: responseOf(said),
    usage: usageOfRun(run, outputs, metadata, said?.usage),
    recorded: {
      ...read.recorded,
      ...(state === undefined ? {} : { response: state }),
      notes: [
        ...(read.recorded.notes ?? []),
        ...(moved ? ["LangSmith keeps the messages of this run in a file of its own, which is not in the export"] : []),
        ...(said === undefined ? ["the answer was not logged"] : []),
        ...(streamed === undefined ? [] : ["the answer was put together from the pieces of its stream"])
      ]
    }
  }
}

const errorOf = (run: JsonObject): CallResponse["error"] => {
  const text = textIn(run["error"])
  if (text === undefined) return undefined
  // Python: `RateLimitError('Error code: 429 …')Traceback …`; the traceback is not kept.
  const [head = ""] = text.split(/\n?Traceback \(most recent call last\)/)
  const type = /^(\w+(?:Error|Exception|Timeout))\b/.exec(head)?.[1]
  return errorNamed(type, head.trim() === "" ? undefined : head.trim())
}

const signalsOf = (run: JsonObject): ReadonlyArray<Signal> =>
  Object.entries(objectAt(run, "feedback_stats")).flatMap(([name, raw]): ReadonlyArray<Signal> => {
    const stats = objectIn(raw)
    const value = numberIn(stats?.["avg"])
    const values = objectIn(stats?.["values"]) ?? {}
    const [only, ...others] = Object.keys(values)
    const said = value ?? (others.length === 0 ? only : undefined)
    return (countIn(stats?.["n"]) ?? 0) === 0 || said === undefined
      ? []
      : [{ name, value: said, source: "human", scope: "call" }]
  })

/** Metadata that LangChain and LangSmith put there of themselves. */
const own =
  /^(ls_|LANGSMITH_|LANGCHAIN_|__|langgraph_(path|triggers|checkpoint_ns)|checkpoint_ns|usage_metadata|revision_id)/

const labelsOf = (run: JsonObject, metadata: JsonObject) =>
  new LabelSet()
    .addAll(Object.fromEntries(Object.entries(metadata).filter(([name]) => !own.test(name))), "metadata")
    .add(
      "tags",
      (arrayIn(unpacked(run["tags"])) ?? []).filter(
        (tag) => typeof tag !== "string" || !/^(seq|graph|langsmith):/.test(tag)
      )
    )
    .add("endUser", metadata["user_id"], metadata["userId"], metadata["ls_user_id"])
    .add("project", run["session_name"])
    .add("projectId", run["session_id"])
    .add("name", run["name"]).all

/** What tells a call from its copies. */
export const keyOf = (id: string): string => `langsmith:${id}`

/** The record of a run, without its place in the trace. */
export const recordOf = (
  run: JsonObject,
  id: string,
  exchange: Exchange
): Omit<TracedCall, "importer" | "file" | "line" | "grouping"> & { readonly sessionId: string | undefined } => {
  const extra = objectAt(run, "extra")
  const metadata = objectIn(extra["metadata"]) ?? {}
  const runtime = objectIn(extra["runtime"]) ?? {}
  const start = momentOf(run["start_time"])
  const first = between(start, momentOf(run["first_token_time"]))
  const { nanoUsd, note } = billIn(run["total_cost"])
  const error = errorOf(run)
  const [sdk, version] = [textIn(runtime["sdk"]), textIn(runtime["sdk_version"])]
  const sessionId = [metadata["session_id"], metadata["thread_id"], metadata["conversation_id"], run["thread_id"]]
    .map(textIn)
    .find((one) => one !== undefined)
  return {
    sessionId,
    dedupeKey: keyOf(id),
    exchange,
    ...(error === undefined ? {} : { error }),
    billed: nanoUsd === null ? unbilled : { nanoUsd: nanoUsd.toString(), basis: "client-estimate", billing: "metered" },
    timing: timingOf(start, momentOf(run["end_time"]), first),
    native: {
      runId: id,
      ...(textIn(run["trace_id"]) === undefined ? {} : { traceId: String(run["trace_id"]) }),
      ...(exchange.response.id === undefined ? {} : { responseId: exchange.response.id })
    },
    ...(sdk === undefined ? {} : { producer: { name: sdk, ...(version === undefined ? {} : { version }) } }),
    labels: labelsOf(run, metadata),
    signals: signalsOf(run),
    notes: [
      ...(note === undefined ? [] : [note]),
      ...(nanoUsd === null ? [] : ["the cost was worked out by LangSmith"])
    ],
    rank: textIn(run["end_time"]) === undefined ? 0 : 1
  }
}
