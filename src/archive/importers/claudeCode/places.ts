/** Where a file of Claude Code's lies. */
export interface Place {
  /** The project's folder. */
  readonly project: string
  /** The session whose own file it is, where its name says so. */
  readonly owner: string | undefined
  /** The session whose sub-agent it is of, and the sub-agent. */
  readonly session: string | undefined
  readonly agent: string | undefined
  /** The run of a workflow that it belongs to. */
  readonly run: string | undefined
}

const ownerOf = (name: string) => /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl/.exec(name)?.[1]

/** Reads a path: `PROJECT/SESSION.jsonl`, `PROJECT/agent-ID.jsonl`, `PROJECT/SESSION/subagents/[workflows/RUN/]agent-ID.jsonl`. */
export const placeOf = (file: string): Place => {
  const parts = file.split(/[\\/]/)
  const name = parts.at(-1) ?? ""
  const agent = /^agent-(.+?)(?:\.meta\.json|\.jsonl)(?:\.(?:gz|gzip|zst|zstd))?$/.exec(name)?.[1]
  const at = parts.lastIndexOf("subagents")
  return at < 1
    ? { project: parts.slice(0, -1).join("/"), owner: ownerOf(name), session: undefined, agent, run: undefined }
    : {
        project: parts.slice(0, at - 1).join("/"),
        owner: undefined,
        session: parts[at - 1],
        agent,
        run: parts[at + 1] === "workflows" ? parts[at + 2] : undefined
      }
}

/** What lies beside transcripts and is none, by its name; `undefined` for everything else. */
export const companionOf = (file: string): string | undefined => {
  if (/[\\/]agent-[^\\/]+\.meta\.json$/.test(file)) return "agent metadata"
  if (/[\\/]subagents[\\/]workflows[\\/][^\\/]+[\\/]journal\.jsonl$/.test(file)) return "workflow journal"
  if (/[\\/]workflows[\\/]wf_[^\\/]+\.json$/.test(file)) return "workflow state"
  return /[\\/]sessions-index\.json$/.test(file) ? "sessions index" : undefined
}
