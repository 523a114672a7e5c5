/** The other side of the import benchmark: `plainLoop.ts FILE` splits a file on newline bytes and parses each line once; prints how many. */
import { createReadStream } from "node:fs"

const [file = ""] = process.argv.slice(2)
let records = 0
let rest: ReadonlyArray<Buffer> = []
const chunks: AsyncIterable<Buffer> = createReadStream(file, { highWaterMark: 1024 * 1024 })
for await (const chunk of chunks) {
  let from = 0
  for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
    const line = chunk.subarray(from, at)
    JSON.parse((rest.length === 0 ? line : Buffer.concat([...rest, line])).toString("utf8"))
    records += 1
    rest = []
    from = at + 1
  }
  if (from < chunk.length) rest = [...rest, chunk.subarray(from)]
}
console.log(records)
