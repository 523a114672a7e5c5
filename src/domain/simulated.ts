/** The response header by which the bundled fleet says that its answers are simulated; no other value of it means anything. */
export const simulatedHeader = { name: "x-understudy-fleet", value: "simulated" } as const

/** Whether the answers of a run came from the bundled fleet. */
export interface Simulated {
  readonly simulated: boolean
  /** The providers whose answers did, where others' did not; left out: all did, or none. */
  readonly simulatedProviders?: ReadonlyArray<string>
}
