import type { JsonObject } from "../json.ts"
import { objectIn, unpacked } from "../json.ts"
import { type LabelSet, labelText } from "../labels.ts"
import type { Attributes } from "./attributes.ts"
import { below, textAttribute } from "./attributes.ts"

/** Prefixes below which instrumentations put what users gave them. */
const given = [
  "ai.telemetry.metadata.",
  "traceloop.association.properties.",
  "langfuse.trace.metadata.",
  "langfuse.observation.metadata.",
  "langsmith.metadata.",
  "metadata."
]

/** Namespaces of instrumentations: what stands in them is read as something, or is machinery. */
const spoken =
  /^(gen_ai|llm|ai|input|output|openinference|tool|http|url|server|client|network|net|otel|exception|error|gcp\.vertex|mlflow|langfuse|langsmith|traceloop|logfire|code|thread|process|telemetry|os|host|container|k8s|cloud|operation|resource|rpc|session|user|enduser|tag|metadata|document|retrieval|embedding|reranker|events?|graph|pydantic_ai|all_messages|final_result|model_request_parameters|agent_name|model_name|request_data|response_data|target|name|traceId|input|output|evaluations?|annotations?)([._].*|$)/

const shortest = 200

/** Parts of a resource that say where a program ran; that is of no use in an archive, and may name a person's machine. */
const machinery = /^(process|telemetry|os|host|container|service\.instance|webengine|faas|aws|gcp)([._].*|$)/

/** The labels that a span's attributes and its resource's carry: metadata under their own names, and the well-known ones. */
export const spanLabels = (labels: LabelSet, attributes: Attributes, resource: JsonObject = {}): LabelSet => {
  for (const prefix of given) labels.addAll(writtenBelow(attributes, prefix), prefix.replace(/\.$/, ""))
  labels.addAll(objectIn(unpacked(attributes["metadata"])), "metadata")
  labels
    .add(
      "tags",
      ...["tag.tags", "langfuse.trace.tags", "langsmith.span.tags", "logfire.tags"].map((name) =>
        unpacked(attributes[name])
      )
    )
    .add(
      "endUser",
      ...["user.id", "enduser.id", "langfuse.user.id", "ai.telemetry.metadata.userId"].map((n) => attributes[n])
    )
    .add("application", ...named(resource["service.name"]))
    .add(
      "environment",
      attributes["langfuse.environment"],
      resource["deployment.environment.name"],
      resource["deployment.environment"]
    )
    .add("functionId", attributes["ai.telemetry.functionId"])
    .add("workflow", attributes["traceloop.workflow.name"])
    .add("serviceVersion", resource["service.version"])
  const own = Object.entries(attributes).filter(
    ([name, value]) => !spoken.test(name) && (labelText(value)?.length ?? shortest + 1) <= shortest
  )
  const around = Object.entries(resource).filter(
    ([name, value]) =>
      !machinery.test(name) &&
      !/^(service\.(name|version)|deployment\.environment(\.name)?)$/.test(name) &&
      (labelText(value)?.length ?? shortest + 1) <= shortest
  )
  return labels.addAll(Object.fromEntries(own), "span").addAll(Object.fromEntries(around), "resource")
}

/** What stands below a prefix, without what LangSmith's SDK puts there of itself. */
const writtenBelow = (attributes: Attributes, prefix: string) =>
  Object.fromEntries(Object.entries(below(attributes, prefix)).filter(([name]) => !/^(ls_|LANGSMITH_)/.test(name)))

/** SDKs name a service that was given no name `unknown_service:…`. */
const named = (name: unknown) => (typeof name === "string" && name.startsWith("unknown_service") ? [] : [name])

/** The session that a span belongs to, by any instrumentation's name for it. */
export const sessionIn = (attributes: Attributes): string | undefined =>
  textAttribute(attributes, "session.id", "langfuse.session.id") ??
  conversationIdIn(attributes) ??
  textAttribute(
    attributes,
    "ai.telemetry.metadata.sessionId",
    ...["traceloop.association.properties.session_id", "langsmith.metadata.session_id", "langsmith.metadata.thread_id"],
    ...["gcp.vertex.agent.session_id", "thread.id"]
  )

/** OpenTelemetry's conversation; some instrumentations write there the id of the answer before, which is no session. */
const conversationIdIn = (attributes: Attributes): string | undefined => {
  const id = textAttribute(attributes, "gen_ai.conversation.id")
  return id?.startsWith("resp_") ? undefined : id
}

/** The agent that a span names. */
export const agentIn = (attributes: Attributes): string | undefined =>
  textAttribute(attributes, "gen_ai.agent.name", "agent_name", "traceloop.entity.agent", "graph.node.id")
