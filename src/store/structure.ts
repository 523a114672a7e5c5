/** What is known of a call of a session where its place among the others is looked for. */
export interface SessionCall {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly startedAt: number | null
  readonly model: string
  /** Hash of all that the request says; `null` where nothing of it was kept. */
  readonly hash: number | null
  /** Hashes of what it says before each of its last assistant messages, in order. */
  readonly bounds: ReadonlyArray<number>
  /** How many assistant messages it ends in, the messages after the last of them aside: bounds that are all the last answer's. */
  readonly lastRun: number
  readonly inputTokens: number | null
  readonly textTokens: number | null
  readonly usageReported: boolean
  readonly attempt: number
  readonly attemptOf: string | null
  /** What the log told. */
  readonly told: {
    readonly trajectoryId: string | null
    readonly stepIndex: number | null
    readonly parent: boolean
  }
}

/** A call's place, where the log did not tell it. Keys are left out where nothing is to be said. */
export interface Derived {
  readonly trajectoryId?: string
  readonly stepIndex?: number
  readonly branch?: string
  readonly parentCallId?: string
  readonly parentTrajectoryId?: string
  /** Tokens of the input that are history, where the call that this one goes on from tells. */
  readonly contextTokens?: number
}

/** A request, with its retries. */
interface Step {
  readonly calls: Array<SessionCall>
  parent: { readonly step: Step; readonly call: SessionCall } | undefined
  readonly next: Array<Step>
}

interface At {
  readonly trajectoryId: string
  readonly stepIndex: number
  readonly branch?: string
  readonly parentTrajectoryId?: string
}

const byTime = (a: SessionCall, b: SessionCall) =>
  (a.startedAt ?? Number.POSITIVE_INFINITY) - (b.startedAt ?? Number.POSITIVE_INFINITY) || (a.id < b.id ? -1 : 1)

/** Letters of a call's id in the name of the trajectory that it begins. */
const nameLength = 24

/**
 * The places of a session's calls. A call goes on from another when its request begins with the other's request, followed by an answer; of several
 * from the one with the longest request, then from the nearest before it in time. What goes on from one another is a trajectory, named after
 * its first call; the second call that goes on from the same one begins a branch, a trajectory of its own. A retry stays with the
 * call it repeats. Depends on nothing but the calls, not on their order; calls that stand alone get no place.
 */
export const structureOf = (session: ReadonlyArray<SessionCall>): ReadonlyMap<string, Derived> => {
  if (session.length === 1) return new Map()
  const calls = [...session].sort(timeOrder(session))
  const byHash = new Map<number, Array<SessionCall>>()
  for (const call of calls) {
    if (call.hash === null) continue
    const same = byHash.get(call.hash)
    if (same === undefined) byHash.set(call.hash, [call])
    else same.push(call)
  }
  const steps = stepsOf(calls, byHash)
  const parents = new Map(calls.map((call) => [call, parentOf(call, byHash)] as const))
  for (const step of new Set(steps.values())) {
    const parent = parents.get(step.calls[0]!)
    if (parent === undefined) continue
    const from = steps.get(parent.call)!
    step.parent = { step: from, call: parent.call }
    from.next.push(step)
  }
  const derived = new Map<string, Derived>()
  for (const step of new Set(steps.values())) if (step.parent === undefined) place(step, derived)
  for (const [call, parent] of parents) {
    const contextTokens = parent?.isLast ? carriedOn(call, parent.call) : undefined
    if (contextTokens !== undefined) derived.set(call.id, { ...derived.get(call.id), contextTokens })
  }
  return derived
}

/** Infinity less infinity is no number: calls without a time are told apart by their ids. */
const timeOrder = (session: ReadonlyArray<SessionCall>) =>
  session.every(({ startedAt }) => startedAt !== null)
    ? byTime
    : (a: SessionCall, b: SessionCall) =>
        a.startedAt === null && b.startedAt === null ? (a.id < b.id ? -1 : 1) : byTime(a, b)

/** The step of each call: that of the call it repeats, else its own. */
const stepsOf = (calls: ReadonlyArray<SessionCall>, byHash: ReadonlyMap<number, ReadonlyArray<SessionCall>>) => {
  const steps = new Map<SessionCall, Step>()
  for (const call of [...calls].sort((a, b) => a.attempt - b.attempt)) {
    const same = call.hash === null ? [] : byHash.get(call.hash)!
    const first =
      call.attempt === 0 && call.attemptOf === null
        ? undefined
        : (same.find((one) => one.id === call.attemptOf) ?? same.find((one) => one.attempt < call.attempt))
    const step = first === undefined || first === call ? undefined : steps.get(first)
    if (step === undefined) steps.set(call, { calls: [call], parent: undefined, next: [] })
    else {
      step.calls.push(call)
      steps.set(call, step)
    }
  }
  return new Map(calls.map((call) => [call, steps.get(call)!]))
}

/** The call that a call goes on from, and whether all that its request has beyond it is the answer and what came after. */
const parentOf = (
  call: SessionCall,
  byHash: ReadonlyMap<number, ReadonlyArray<SessionCall>>
): { readonly call: SessionCall; readonly isLast: boolean } | undefined => {
  for (let at = call.bounds.length - 1; at >= 0; at--) {
    const candidates = byHash.get(call.bounds[at]!)
    const found = candidates && nearestBefore(candidates, call)
    if (found !== undefined) return { call: found, isLast: at >= call.bounds.length - call.lastRun }
  }
  return undefined
}

/** The last of some calls (by time) that did not begin after this one; one without a time where there is no other. */
const nearestBefore = (candidates: ReadonlyArray<SessionCall>, call: SessionCall): SessionCall | undefined => {
  const apart = (one: SessionCall) =>
    one === call ||
    one.hash === call.hash ||
    (one.told.trajectoryId !== null &&
      call.told.trajectoryId !== null &&
      one.told.trajectoryId !== call.told.trajectoryId)
  const fits = (one: SessionCall) => !apart(one)
  if (call.startedAt === null) return candidates.findLast(fits)
  let [low, high] = [0, candidates.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((candidates[middle]!.startedAt ?? Number.POSITIVE_INFINITY) <= call.startedAt) low = middle + 1
    else high = middle
  }
  for (let at = low - 1; at >= 0; at--) if (fits(candidates[at]!)) return candidates[at]!
  return candidates.findLast((one) => one.startedAt === null && fits(one))
}

/** Places a step that begins something, and all that goes on from it. */
const place = (root: Step, derived: Map<string, Derived>) => {
  const alone = root.next.length === 0
  const waiting: Array<{ readonly step: Step; readonly at: At | undefined }> = [
    { step: root, at: alone ? undefined : { trajectoryId: nameOf(root), stepIndex: 0 } }
  ]
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const { step } = one
    const at = toldAt(step, one.at)
    for (const call of step.calls) derived.set(call.id, placeOf(call, step, at))
    if (at === undefined) continue
    const base = at.branch === undefined ? "" : `${at.branch}/`
    step.next.forEach((next, index) => {
      waiting.push({
        step: next,
        at:
          index === 0
            ? { ...at, stepIndex: at.stepIndex + 1 }
            : {
                trajectoryId: nameOf(next),
                stepIndex: 0,
                branch: `${base}${at.stepIndex}.${index}`,
                parentTrajectoryId: at.trajectoryId
              }
      })
    })
  }
}

const nameOf = ({ calls: [first] }: Step) => `t-${first!.id.slice(0, nameLength)}`

/** What the log told of a step's place stands before what was found. */
const toldAt = ({ calls }: Step, at: At | undefined): At | undefined => {
  const told = calls.find((call) => call.told.trajectoryId !== null)?.told
  if (told === undefined || told.trajectoryId === null) return at
  return { trajectoryId: told.trajectoryId, stepIndex: told.stepIndex ?? at?.stepIndex ?? 0 }
}

const placeOf = ({ told }: SessionCall, { parent }: Step, at: At | undefined): Derived => ({
  ...(told.parent || parent === undefined ? {} : { parentCallId: parent.call.id }),
  ...(told.trajectoryId === null ? at : {})
})

const carriedOn = (call: SessionCall, from: SessionCall): number | undefined => {
  if (call.model !== from.model || !call.usageReported || !from.usageReported) return undefined
  if (call.inputTokens === null || from.inputTokens === null || from.textTokens === null) return undefined
  return Math.max(0, Math.min(call.inputTokens, from.inputTokens + from.textTokens))
}
