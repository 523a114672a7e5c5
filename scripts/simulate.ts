/**
 * Searches simulated archives whose truth is known by every strategy, and prints how often each names a setup that is not at parity, how often the
 * cheapest one, and what it spends: `npm run simulate -- [--runs N] [--worlds a,b] [--seed N]`. The runs are seeded: the same figures each time.
 * Limits: false claims in no world above 5 %, spend in the realistic world at most 36 % of the exhaustive grid.
 */
import { fork } from "node:child_process"
import { availableParallelism } from "node:os"

import { type Scores, scoreTypes, type World, worlds } from "./simulate/desk.ts"
import { type Sums, searchOnce, wayNames } from "./simulate/search.ts"

const option = (name: string, otherwise: string) => {
  const at = process.argv.indexOf(`--${name}`)
  return at === -1 ? otherwise : (process.argv[at + 1] ?? otherwise)
}
const runs = Number(option("runs", "1000"))
const firstSeed = Number(option("seed", "1"))
const some = option("worlds", worlds.join(","))
  .split(",")
  .filter((name): name is World => worlds.includes(name as World))

/** One cell's runs of one process: every `of`-th from `part` on. */
interface Part {
  readonly world: World
  readonly type: Scores
  readonly part: number
  readonly of: number
}

const workOff = ({ of, part, type, world }: Part): ReadonlyArray<readonly [string, Sums]> => {
  const into = new Map<string, Sums>()
  const cell = 1e6 * (worlds.indexOf(world) * scoreTypes.length + scoreTypes.indexOf(type))
  for (let run = part; run < runs; run += of) searchOnce(world, type, firstSeed + cell + run, into)
  return [...into]
}

if (process.send !== undefined) {
  process.on("message", (part) => process.send?.(workOff(part as Part)))
} else {
  const of = availableParallelism()
  const workers = Array.from({ length: of }, () => fork(process.argv[1]!, process.argv.slice(2)))
  let broken = 0
  for (const world of some) {
    for (const type of scoreTypes) {
      const started = performance.now()
      const parts = await Promise.all(
        workers.map(
          (worker, part) =>
            new Promise<ReadonlyArray<readonly [string, Sums]>>((done) => {
              worker.once("message", (sums) => done(sums as ReadonlyArray<readonly [string, Sums]>))
              worker.send({ world, type, part, of } satisfies Part)
            })
        )
      )
      const seconds = ((performance.now() - started) / 1000).toFixed(0)
      console.log(`\n${world}, ${type} scores: ${runs} runs, seed ${firstSeed}, ${seconds} s`)
      console.log(
        "| way to search | false | cheapest | within 10 % | none | captured | spend | candidates |\n| --- | --- | --- | --- | --- | --- | --- | --- |"
      )
      for (const name of wayNames) {
        const all = parts.flatMap((part) => part.flatMap(([one, sums]) => (one === name ? [sums] : [])))
        const mean = (key: keyof Sums) => all.reduce((sum, one) => sum + one[key], 0) / runs
        const figures = (["false", "cheapest", "near", "none", "captured", "spend", "candidates"] as const).map((key) =>
          mean(key).toFixed(3)
        )
        console.log(`| ${name} | ${figures.join(" | ")} |`)
        if (name.startsWith("race") && (mean("false") > 0.05 || (world === "realistic" && mean("spend") > 0.36))) {
          console.log(`FAIL: the limits do not hold for ${name}`)
          broken++
        }
      }
    }
  }
  for (const worker of workers) worker.disconnect()
  process.exitCode = broken === 0 ? 0 : 1
}
