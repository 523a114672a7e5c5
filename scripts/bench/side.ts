/** What one side of a benchmark measured: the work alone, without its set-up. */
export interface Side {
  readonly requests: number
  readonly seconds: number
  readonly cpuSeconds: number
  /** Peak resident memory of the whole process, MB. */
  readonly peakMb: number
}

/** Runs the work of one side and prints what it took as one line of JSON. */
export const measure = async (requests: number, work: () => Promise<unknown>): Promise<void> => {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await work()
  const { system, user } = process.cpuUsage(cpu)
  const side: Side = {
    requests,
    seconds: (performance.now() - start) / 1_000,
    cpuSeconds: (system + user) / 1e6,
    peakMb: process.resourceUsage().maxRSS / 1_024
  }
  console.log(JSON.stringify(side))
}
