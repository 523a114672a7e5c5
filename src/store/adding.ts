import type { ArchivedCall, Signal, Usage } from "../domain/Call.ts"
import { digestOf, digestOfText } from "../domain/digest.ts"
import type { Added, NewCall, Source, Template } from "./Archives.ts"
import type { ArchiveFiles } from "./archiveFiles.ts"
import { longText } from "./blobs.ts"
import { addPart, lineWithBlobs, type PlacePair, placeOf } from "./content.ts"
import { asDigest, wordsIn } from "./digestTable.ts"
import type { KeptHistory, StoredHistory } from "./histories.ts"
import { blocksPiece, identityOf, type ToolsIdentity, toolsIdentity, writer } from "./identity.ts"
import { addIndexLine } from "./indexLine.ts"
import { memberLine, sessionOf } from "./members.ts"
import { lineOf, type Place } from "./segment.ts"
import { signalKey } from "./signals.ts"

/**
 * A line of `calls.jsonl`: the call without its messages, its answer's blocks and a long tool set, which stand beside it. The usage tells where
 * the input came from as far as the call alone can tell.
 */
export interface CallLine {
  readonly v: 2
  readonly history: StoredHistory
  readonly tools?: PlacePair
  readonly blocks: ArchivedCall["response"]["blocks"]
  readonly call: Omit<ArchivedCall, "request" | "response"> & {
    readonly request: Omit<ArchivedCall["request"], "messages" | "tools"> &
      Partial<Pick<ArchivedCall["request"], "tools">>
    readonly response: Omit<ArchivedCall["response"], "blocks">
  }
}

/** Adds one call to an open archive: each message, tool set and blob once, then the call with their places. */
export const addCall = (files: ArchiveFiles, { call, dedupeKey, rank, template }: NewCall): Added => {
  const { known, pending } = files
  const key = wordsIn(asDigest(call.id))
  const slot = known.calls.find(key)
  if (slot !== -1 && known.calls.second(slot) >= rank) return "duplicate"
  if (slot !== -1) {
    const byteOffset = known.calls.first(slot)
    files.dead.add(byteOffset)
    pending.dead.add(JSON.stringify({ byteOffset }))
  }

  const tools = toolsIdentity(call.request.tools)
  const kept = files.histories.keep(call.request.messages)
  const toolsPlace = tools.digest === undefined ? undefined : keepTools(files, tools.digest, call.request.tools)
  const identity = identityOf(call, kept.inDigest, tools)
  const source = sourceOf(call, kept, tools)
  const place = addLine(files, call, kept, toolsPlace, source)
  known.calls.set(key, place.offset, rank)
  const about = { ...place, dedupeKey, rank, import: files.import, template: template?.key, source }
  addIndexLine(pending.calls, call, identity, kept, about)
  const session = sessionOf(call)
  if (session !== undefined) {
    files.counts.grouped++
    pending.members.add(memberLine(session, call, kept, place))
  }
  if (template !== undefined) addTemplate(files, template)
  for (const signal of call.signals) addSignal(files, signal, targetOf(call, signal), place.offset)
  if (slot !== -1) return "replaced"
  files.counts.calls++
  return "added"
}

const keepTools = (files: ArchiveFiles, digest: string, tools: unknown): Place => {
  const words = wordsIn(digest)
  return placeOf(files, words) ?? addPart(files, "tools", words, tools, false)
}

const addLine = (
  files: ArchiveFiles,
  call: ArchivedCall,
  kept: KeptHistory,
  tools: Place | undefined,
  inputBySource: Usage["inputBySource"]
): Place => {
  const { blocks } = call.response
  const stored = withoutContent(call, tools !== undefined, inputBySource)
  const head = {
    history: kept.stored,
    ...(tools === undefined ? {} : { tools: [tools.offset, tools.length] as const })
  }
  const rest = JSON.stringify(stored)
  const asItStands = writer.plain && !writer.reordered && !writer.inline && writer.length + rest.length <= longText
  return asItStands && !rest.includes('"kind":"inline"')
    ? files.content["calls.jsonl"].add(
        '{"v":2,',
        JSON.stringify(head).slice(1, -1),
        ',"blocks":',
        blocksPiece(),
        ',"call":',
        rest,
        "}"
      )
    : files.content["calls.jsonl"].add(lineWithBlobs(files, { ...head, blocks, call: stored }))
}

/** The call without what stands beside it. Named one by one, for that is much quicker than to leave some out; what is `undefined` is not written. */
const withoutContent = (call: ArchivedCall, toolsApart: boolean, inputBySource: Usage["inputBySource"]) => {
  const { request, response, usage } = call
  return {
    schema: call.schema,
    id: call.id,
    request: {
      wire: request.wire,
      endpoint: request.endpoint,
      model: request.model,
      provider: request.provider,
      tools: toolsApart ? undefined : request.tools,
      toolChoice: request.toolChoice,
      parallelToolCalls: request.parallelToolCalls,
      responseFormat: request.responseFormat,
      params: request.params,
      serverState: request.serverState,
      promptTemplate: request.promptTemplate
    } satisfies Record<Exclude<keyof ArchivedCall["request"], "messages">, unknown>,
    response: {
      id: response.id,
      model: response.model,
      alternatives: response.alternatives,
      stopReason: response.stopReason,
      stopReasonRaw: response.stopReasonRaw,
      complete: response.complete,
      error: response.error
    } satisfies Record<Exclude<keyof ArchivedCall["response"], "blocks">, unknown>,
    usage: {
      basis: usage.basis,
      input: usage.input,
      inputBySource,
      output: usage.output,
      serverTools: usage.serverTools,
      diagnostics: usage.diagnostics,
      raw: usage.raw
    } satisfies Record<keyof Usage, unknown>,
    billed: call.billed,
    timing: call.timing,
    provenance: call.provenance,
    grouping: call.grouping,
    labels: call.labels,
    signals: call.signals,
    fidelity: call.fidelity
  } satisfies Record<keyof ArchivedCall, unknown>
}

/** Whether a part of what was sent is not known: it stayed at the provider, or the log has not all of it. */
const isPartial = ({ fidelity, request }: ArchivedCall): boolean =>
  request.serverState?.resolved === false || fidelity.parts["history"] === "partial"

/**
 * Where the input came from, as far as the call alone tells: history is what was said up to the last answer, by its share of the bytes. Where a
 * part of the history is not known, the two are not told apart.
 */
const sourceOf = (call: ArchivedCall, kept: KeptHistory, tools: ToolsIdentity): Usage["inputBySource"] => {
  const total = call.usage.input?.total
  if (total === undefined || call.request.messages.length === 0 || isPartial(call)) return undefined
  if (kept.carried === 0) return { prompt: total, context: 0, basis: "derived" }
  const context = Math.round((total * (kept.carried + tools.length)) / (kept.length + tools.length))
  return { prompt: total - context, context, basis: "estimated" }
}

const addTemplate = ({ known, pending }: ArchiveFiles, { key, system, tools, user }: Template): void => {
  const digest = wordsIn(asDigest(key))
  if (known.templates.has(digest)) return
  known.templates.set(digest)
  pending.templates.add(lineOf({ key, tools, system, user }, { readable: true }))
}

/** Whom a call's own signal is about. One about a trajectory or session that the log does not name is about the call. */
const targetOf = ({ grouping, id }: ArchivedCall, { scope = "call" }: Signal) => {
  const target =
    scope === "call" ? id : scope === "session" ? grouping.sessionId : (grouping.trajectoryId ?? grouping.sessionId)
  return target === undefined ? { scope: "call", target: id } : { scope, target }
}

/** Adds a signal about something; `byteOffset` is that of the call's line which brought it, `null` where it was told apart. */
export const addSignal = (
  files: ArchiveFiles,
  signal: Signal,
  target: { readonly scope: string; readonly target: string },
  byteOffset: number | null
): void => {
  const { at, comment, name, source, value } = signal
  const row = { ...target, name, value: String(value), type: typeof value, source, comment, at, byteOffset }
  files.pending.told.add(lineOf(row, { readable: true }))
}

/** Adds a signal that was told apart from its call. The same one is kept once. */
export const addVerdict = (files: ArchiveFiles, of: string, signal: Signal): void => {
  const scope = signal.scope ?? "call"
  const target = scope === "call" ? digestOf(of) : of
  const key = wordsIn(signalKey(scope, target, signal))
  if (files.known.verdicts.has(key)) return
  files.known.verdicts.set(key)
  addSignal(files, signal, { scope, target }, null)
}

/** Adds a record that was not imported. The same one is kept once. */
export const addSkip = (
  files: ArchiveFiles,
  skip: { readonly file: string; readonly line: number; readonly reason: string }
): void => {
  const line = lineOf({ ...skip, import: files.import }, { readable: true })
  const { file, reason } = JSON.parse(line) as typeof skip // as the index has them: without half surrogate pairs
  const key = wordsIn(digestOfText(`${file}\0${skip.line}\0${reason}`))
  if (files.known.skips.has(key)) return
  files.known.skips.set(key)
  files.counts.skips++
  files.pending.skips.add(line)
}

/** Notes a file that was read to its end. */
export const addSource = (files: ArchiveFiles, { bytes, file, head, mtimeMs }: Source): void => {
  files.marks.set(file, { file, bytes, mtimeMs, head })
}
