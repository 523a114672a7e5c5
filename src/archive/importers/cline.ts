import type { Found, Importer, ImporterOptions, Session } from "../contract.ts"
import type { JsonObject } from "../json.ts"
import { objectIn } from "../json.ts"
import { kindOf, taskOf } from "./cline/files.ts"
import { Task } from "./cline/task.ts"

const isNotice = (row: JsonObject): boolean =>
  "ts" in row && (row["type"] === "say" || row["type"] === "ask") && ("say" in row || "ask" in row)

/** Files are told by their names; one that is named so but holds something else is left to others. Notices show themselves. */
const fits = (file: string, first: ReadonlyArray<unknown>): boolean => {
  const rows = first.map(objectIn).filter((row): row is JsonObject => row !== undefined)
  switch (kindOf(file)) {
    case "history":
      return rows.some((row) => "role" in row || row["version"] === 2)
    case "metadata":
      return rows.some((row) => "files_in_context" in row || "model_usage" in row)
    case "edits":
      return first.some(Array.isArray)
    case "item":
      return rows.some((row) => "task" in row)
    default:
      return rows.some(isNotice)
  }
}

/** Holds one task at a time: a file of another one settles it, unless files are followed, which grow side by side. */
const start = ({ following }: ImporterOptions): Session => {
  const tasks = new Map<string, Task>()
  let settled: ReadonlyArray<Found> = []
  const taken = (): ReadonlyArray<Found> => {
    const found = settled
    settled = []
    return found
  }
  return {
    open: (file) => {
      const kind = kindOf(file) ?? "notices"
      const { folder } = taskOf(file)
      const known = tasks.get(folder)
      if (known === undefined && following !== true) {
        for (const task of tasks.values()) settled = [...settled, ...task.settle()]
        tasks.clear()
      }
      const task = known ?? new Task(file)
      tasks.set(folder, task)
      task.begin(kind)
      return {
        line: (line) => [...taken(), ...task.line(file, kind, line)],
        end: taken
      }
    },
    end: () => [...taken(), ...[...tasks.values()].flatMap((task) => task.settle())]
  }
}

/**
 * The tasks of Cline, and of Roo Code and Kilo Code, which came from it: a folder a task. Each answer of the conversation is a call; what the
 * program noted for its user gives counts, cost and time of it.
 */
export const cline: Importer = {
  id: "cline",
  about: "Cline, Roo Code and Kilo Code tasks (…/globalStorage/…/tasks)",
  together: true,
  sniff: ({ file, first }) => fits(file, first),
  start
}
