import { plain } from "./plain.ts"

/** What a test run said of itself. `failing`: names, in order, as far as they are told. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly failing: ReadonlyArray<string>
}

/** The forms that test runs are read in. */
export const countForms = ["tap", "junit", "vitest", "node", "pytest"] as const
export type CountForm = (typeof countForms)[number]

const number = (text: string | undefined) => Number(text ?? 0)
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)]
const distinct = (names: ReadonlyArray<string>) => [...new Set(names.map((name) => name.trim()))]

/**
 * TAP 13 and 14: top-level test points, since a point counts for all below it. What was to do may fail. A plan that was not kept, and `Bail out!`,
 * count as one failure more.
 */
export const tapCounts = (text: string): Counts | undefined => {
  const points = all(
    text,
    /^(not )?ok\b(?:[ \t]+\d+)?(?:[ \t]+-)?[ \t]*([^\n]*?)[ \t]*(?:(?<!\\)#[ \t]*(skip|todo)\b[^\n]*)?$/gim
  )
  const plan = /^1\.\.(\d+)/m.exec(text)?.[1]
  if (plan === undefined && !/^TAP version 1[34]/m.test(text)) return undefined
  if (plan === undefined && points.length === 0) return undefined
  let [passed, failed, skipped] = [0, 0, 0]
  const failing: Array<string> = []
  for (const [, not, name = "", directive] of points) {
    if (directive !== undefined) skipped++
    else if (not === undefined) passed++
    else {
      failed++
      failing.push(name === "" ? "a test without a name" : name)
    }
  }
  const bailed = /^Bail out!/m.test(text)
  if (bailed || (plan !== undefined && Number(plan) !== points.length)) {
    failed++
    failing.push(bailed ? "the run was bailed out" : `${plan} tests were planned, ${points.length} ran`)
  }
  return { passed, failed, skipped, failing }
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" }
const unescaped = (text: string) =>
  text.replace(/&(?:(lt|gt|quot|apos|amp)|#(\d+)|#x([\da-f]+));/gi, (whole, name, decimal, hex) => {
    if (name !== undefined) return entities[String(name).toLowerCase()] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })

/** JUnit's XML, by its cases: the sums in its heads differ from tool to tool. */
export const junitCounts = (text: string): Counts | undefined => {
  if (!/<testsuites?[\s>/]/.test(text)) return undefined
  const bare = text.replace(/<!\[CDATA\[[\s\S]*?\]\]>|<!--[\s\S]*?-->/g, "")
  let [passed, failed, skipped] = [0, 0, 0]
  const failing: Array<string> = []
  const cases = /<testcase\b((?:[^>"']|"[^"]*"|'[^']*')*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g
  for (const [, attributes = "", body = ""] of all(bare, cases)) {
    const name = /\bname=(?:"([^"]*)"|'([^']*)')/.exec(attributes)
    if (/<(?:failure|error)[\s>/]/.test(body)) {
      failed++
      failing.push(unescaped(name?.[1] ?? name?.[2] ?? "a test without a name"))
    } else if (/<skipped[\s>/]/.test(body)) skipped++
    else passed++
  }
  // A suite that could not be set up has no case that says so.
  const heads = all(bare, /<testsuite\b((?:[^>"']|"[^"]*"|'[^']*')*)>/g)
  const told = heads.reduce((sum, [, head = ""]) => sum + number(/\berrors=["'](\d+)/.exec(head)?.[1]), 0)
  if (failed === 0 && told > 0) return { passed, failed: told, skipped, failing: ["a suite could not run"] }
  return { passed, failed, skipped, failing }
}

/** The summary of vitest, and of jest, which words it nearly alike; a file that cannot be loaded counts as a failure. */
export const vitestCounts = (text: string): Counts | undefined => {
  const line = all(text, /^\s*Tests:?\s+(?=[^\n]*(?:\d+ (?:failed|passed|skipped|todo)|no tests))([^\n]*)$/gm).at(
    -1
  )?.[1]
  const files = all(text, /^\s*Test (?:Files|Suites):?\s+([^\n]*)$/gm).at(-1)?.[1] ?? ""
  if (line === undefined && files === "") return undefined
  const of = (word: string) => number(new RegExp(`(\\d+) ${word}`).exec(line ?? "")?.[1])
  const failing = distinct(
    all(text, /^\s*(?:FAIL|●)\s+([^\n]+?)\s*$/gm)
      .map(([, name = ""]) => name)
      .filter((name) => name.includes(" > ") || name.includes(" › "))
  )
  const broken = of("failed") === 0 ? number(/(\d+) failed/.exec(files)?.[1]) : 0
  const errors = number(/^\s*Errors\s+(\d+) errors?/m.exec(text)?.[1])
  return {
    passed: of("passed"),
    failed: of("failed") + broken + errors,
    skipped: of("skipped") + of("todo"),
    failing: broken + errors > 0 && failing.length === 0 ? ["a test file could not run"] : failing
  }
}

/** The summary of `node --test`, of its spec and its tap reporter. */
export const nodeCounts = (text: string): Counts | undefined => {
  const of = (word: string) => all(text, new RegExp(`^(?:ℹ|#) ${word} (\\d+)$`, "gm")).at(-1)?.[1]
  const [passed, failed] = [of("pass"), of("fail")]
  if (passed === undefined || failed === undefined) return undefined
  const below = text.split(/^✖ failing tests:$/m)[1] ?? text
  const names = all(below, /^(?:\s*✖|not ok \d+ -) ([^\n]+?)(?: \([\d.]+ms\))?$/gm).map(([, name = ""]) => name)
  return {
    passed: number(passed),
    failed: number(failed) + number(of("cancelled")),
    skipped: number(of("skipped")) + number(of("todo")),
    failing: distinct(names)
  }
}

/** pytest's last line, quiet or not. What was expected to fail is skipped. */
export const pytestCounts = (text: string): Counts | undefined => {
  const words = "passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?"
  const last = new RegExp(`^(?:=+ )?((?:\\d+ (?:${words})(?:, )?)+|no tests ran) in [\\d.]+s`, "gm")
  const line = all(text, last).at(-1)?.[1]
  if (line === undefined) return undefined
  const of = (word: string) => number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1])
  return {
    passed: of("passed") + of("xpassed"),
    failed: of("failed") + of("error"),
    skipped: of("skipped") + of("xfailed"),
    failing: distinct(all(text, /^(?:FAILED|ERROR) (\S+(?:\[[^\]\n]*\])?)/gm).map(([, name = ""]) => name))
  }
}

const readers = {
  tap: tapCounts,
  junit: junitCounts,
  vitest: vitestCounts,
  node: nodeCounts,
  pytest: pytestCounts
} satisfies Record<CountForm, (text: string) => Counts | undefined>

/** Reads what a test run printed. `auto`: the first form that it has, those that say more about themselves first. */
export const countsIn = (printed: string, form: CountForm | "auto"): Counts | undefined => {
  const text = plain(printed)
  if (form !== "auto") return readers[form](text)
  for (const one of ["node", "vitest", "pytest", "junit", "tap"] as const) {
    const counts = readers[one](text)
    if (counts !== undefined) return counts
  }
  return undefined
}
