/** What a whole process took, its start in it. */
export interface Taken {
  readonly seconds: number
  readonly cpuSeconds: number
  /** Peak resident memory, MB. */
  readonly peakMb: number
}

const code = `process.on("exit", () => {
  const { maxRSS, systemCPUTime, userCPUTime } = process.resourceUsage()
  const taken = { seconds: performance.now() / 1000, cpuSeconds: (systemCPUTime + userCPUTime) / 1e6, peakMb: maxRSS / 1024 }
  console.error("\\ntaken " + JSON.stringify(taken))
})`

/** A module for Node's `--import`: the process tells on stderr at its end what it took. */
export const telling = `data:text/javascript,${encodeURIComponent(code)}`

/** What a process told: the largest of what it and its children took. */
export const takenIn = (stderr: string): Taken => {
  const told = [...stderr.matchAll(/^taken (\{.*\})$/gm)].map(([, json = ""]) => JSON.parse(json) as Taken)
  const [most] = told.sort((a, b) => b.seconds - a.seconds)
  if (most === undefined) throw new Error(`the process did not tell what it took: ${stderr}`)
  return most
}
