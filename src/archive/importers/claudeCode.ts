import type { Found, Importer, ImporterOptions, Reader, Sample, Session } from "../contract.ts"
import type { JsonObject } from "../json.ts"
import { objectIn, textIn } from "../json.ts"
import { companionOf, placeOf } from "./claudeCode/places.ts"
import { Project } from "./claudeCode/project.ts"
import { Transcript } from "./claudeCode/transcript.ts"

const conversation = new Set(["user", "assistant", "system", "attachment", "progress"])
/** What Claude Code notes between the lines of a conversation. */
const state = new Set(
  "summary,file-history-snapshot,file-history-delta,queue-operation,mode,permission-mode,last-prompt,ai-title,custom-title,agent-name,cost-state,atis-latch,pr-link,bridge-session".split(
    ","
  )
)

const isLine = (row: JsonObject): boolean => {
  if ("projectHash" in row || "payload" in row) return false
  const type = textIn(row["type"]) ?? ""
  if (typeof row["sessionId"] === "string") {
    const message = objectIn(row["message"])
    const used = typeof message?.["role"] === "string" && objectIn(message["usage"]) !== undefined
    return "parentUuid" in row || conversation.has(type) || state.has(type) || used
  }
  return (type === "summary" && "leafUuid" in row) || (type === "file-history-snapshot" && "messageId" in row)
}

const sniff = ({ file, first }: Sample): boolean =>
  first.some((value) => isLine(objectIn(value) ?? {})) || companionOf(file) !== undefined

/** A reader of what lies beside transcripts: counted, and asked who started a sub-agent. */
const companion = (file: string, kind: string, project: Project): Reader => ({
  line: (line) => {
    if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
    if (kind === "agent metadata") project.meta(placeOf(file), line.json)
    return [{ _tag: "Other", type: kind }]
  },
  end: () => []
})

/** Holds one project at a time: another one's file settles it, unless files are followed, which grow side by side. */
const start = ({ following }: ImporterOptions): Session => {
  const projects = new Map<string, Project>()
  let settled: ReadonlyArray<Found> = []
  const into = (folder: string): Project => {
    const known = projects.get(folder)
    if (known !== undefined) return known
    if (following !== true) {
      for (const project of projects.values()) settled = [...settled, ...project.settle()]
      projects.clear()
    }
    const project = new Project()
    projects.set(folder, project)
    return project
  }
  const taken = (): ReadonlyArray<Found> => {
    const found = settled
    settled = []
    return found
  }
  return {
    open: (file) => {
      const place = placeOf(file)
      const here = into(place.project)
      const kind = companionOf(file)
      if (kind !== undefined) return companion(file, kind, here)
      const transcript = new Transcript(file, place, here)
      settled = [...settled, ...here.relieve(transcript)]
      here.add(transcript)
      return {
        line: (line) => (settled.length === 0 ? transcript.line(line) : [...taken(), ...transcript.line(line)]),
        end: () => [...taken(), ...transcript.flush(false)]
      }
    },
    end: () => [...taken(), ...[...projects.values()].flatMap((project) => project.settle())]
  }
}

/**
 * Claude Code's transcripts: a file, a project's folder or `~/.claude/projects`, with sub-agents in files of their own or within their
 * session's. A call is one answer of the model, put together from its lines; what was sent is the way back along the lines' parents.
 */
export const claudeCode: Importer = {
  id: "claude-code",
  about: "Claude Code transcripts (~/.claude/projects)",
  together: true,
  sniff,
  start
}
