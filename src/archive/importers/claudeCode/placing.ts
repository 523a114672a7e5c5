import type { Answer, Place } from "./answer.ts"
import type { Past } from "./past.ts"

/** The agent run that an answer belongs to by where it lies: the session's own, or a sub-agent's. */
const runOf = (answer: Answer, past: Past): string => {
  const { agent, session, side } = answer.context
  const owner = session === "" ? answer.file.split(/[\\/]/).at(-1)! : session
  if (agent !== undefined) return `${owner}/${agent}`
  return side ? `${owner}/${past.root.uuid ?? answer.key}` : owner
}

const nameOf = (answer: Answer): string => answer.nodes[0]?.uuid ?? answer.id ?? answer.key

/**
 * Where an answer stands: it goes on with the trajectory of the answer before it, unless another has done so already; then it begins a
 * branch. What goes on from another session's answer is its own session's trajectory, whose steps before it are the other's. One with nothing
 * before it begins a trajectory; `taken` holds the names that are in use.
 */
export const placed = (answer: Answer, past: Past, taken: Set<string>): Place => {
  const { previous } = past
  const run = runOf(answer, past)
  const before = previous?.context.side === answer.context.side ? previous.place : undefined
  if (before !== undefined && previous !== undefined) {
    const same = previous.context.session === answer.context.session
    if (same && !previous.continued) {
      previous.continued = true
      return { ...before, step: before.step + 1 }
    }
    if (same || taken.has(run)) return begun(`${run}/${nameOf(answer)}`, nameOf(answer), 0, taken)
    return begun(run, undefined, before.step + 1, taken)
  }
  return begun(taken.has(run) ? `${run}/${nameOf(answer)}` : run, undefined, 0, taken)
}

const begun = (trajectory: string, branch: string | undefined, step: number, taken: Set<string>): Place => {
  taken.add(trajectory)
  return { trajectory, branch, step }
}
