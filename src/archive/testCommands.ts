import type { Signal } from "../domain/Call.ts"

/** Runners whose exit status says whether tests passed. */
const runners: ReadonlyArray<readonly [name: string, is: RegExp]> = [
  ["npm test", /^(?:npm|pnpm|yarn|bun) (?:run )?(?:test|t)(?:$|[ :])/],
  ["vitest", /^vitest(?: run)?(?:$| )/],
  ["jest", /^jest(?:$| )/],
  ["mocha", /^mocha(?:$| )/],
  ["playwright", /^playwright test(?:$| )/],
  ["node --test", /^node --test(?:$| )/],
  ["deno test", /^deno test(?:$| )/],
  ["pytest", /^(?:python3? -m )?(?:pytest|py\.test)(?:$| )/],
  ["unittest", /^python3? -m unittest(?:$| )/],
  ["tox", /^(?:tox|nox)(?:$| )/],
  ["cargo test", /^cargo (?:\+\S+ )?(?:test|nextest run)(?:$| )/],
  ["go test", /^go test(?:$| )/],
  ["maven", /^(?:mvn|\.\/mvnw) (?:\S+ )*(?:test|verify)(?:$| )/],
  ["gradle", /^(?:gradle|\.\/gradlew) (?:\S+ )*(?:test|check)(?:$| )/],
  ["dotnet test", /^dotnet test(?:$| )/],
  ["rspec", /^rspec(?:$| )/],
  ["rails test", /^(?:rails|rake) test(?:$|[ :])/],
  ["phpunit", /^(?:\.\/vendor\/bin\/)?phpunit(?:$| )/],
  ["mix test", /^mix test(?:$| )/],
  ["swift test", /^swift test(?:$| )/],
  ["ctest", /^ctest(?:$| )/],
  ["make test", /^make (?:\S+ )*(?:test|check)(?:$| )/]
]

/** What may stand before a runner without changing what its exit status means. */
const before =
  /^(?:(?:[A-Za-z_]\w*=\S*|npx|bunx|uv run|poetry run|pipenv run|bundle exec|time|(?:pnpm|yarn|npm) exec(?: --)?) +)+/
/** Steps that prepare: their failure is not to be taken for the tests'. */
const preparing = /^(?:cd|export|source|\.) /
/** Options under which a runner runs no tests, or does not end. */
const noRun =
  / (?:--(?:help|version|collect-only|co|list|listTests|no-run|watch|watchAll|passWithNoTests)|-h)(?:$|[ =])/
/** Redirections, which leave the exit status alone. */
const redirection = /\s+(?:\d|&)?>{1,2}\s*(?:&\d|[^\s&|;]+)/g

const runnerOf = (step: string): string | undefined => {
  const bare = step.replace(before, "")
  return noRun.test(bare) ? undefined : runners.find(([, is]) => is.test(bare))?.[0]
}

/** Exit statuses that tell of the run, not of the tests: not found, not allowed, out of time, killed. */
const notOfTests = new Set([124, 126, 127, 130, 134, 137, 139, 143])

/**
 * Whether tests passed, by a shell command and its exit status; `undefined` where that cannot be said without a doubt: the command is none
 * of a known runner, is piped on, goes on in spite of failures, or failed in a step beside the tests.
 */
export const testsPassed = (
  command: string,
  exitCode: number
): { readonly runner: string; readonly passed: boolean } | undefined => {
  const steps = command
    .trim()
    .replace(redirection, "")
    .split("&&")
    .map((step) => step.trim())
  if (steps.some((step) => step === "" || /[|;&`\n]|\$\(/.test(step))) return undefined
  const ran = steps.map(runnerOf)
  const runner = ran.find((name) => name !== undefined)
  if (runner === undefined) return undefined
  if (exitCode === 0) return { runner, passed: true }
  const alone = steps.every((step, at) => ran[at] !== undefined || preparing.test(step))
  if (!alone || notOfTests.has(exitCode) || (runner === "pytest" && exitCode !== 1)) return undefined
  return { runner, passed: false }
}

/** A shell that could not do as told before any test ran. */
const shellError = /^.{0,200}(?:no such file or directory|command not found|permission denied)/is

/** What a test run says about the trajectory it was run in: `tests` is true or false; `undefined` where it says nothing for sure. */
export const testSignal = (run: {
  readonly command: string
  readonly exitCode: number
  readonly output: string
  /** ISO 8601. */
  readonly at: string | undefined
}): Signal | undefined => {
  const { at, command, exitCode, output } = run
  const outcome = testsPassed(command, exitCode)
  return outcome === undefined || (!outcome.passed && shellError.test(output))
    ? undefined
    : {
        name: "tests",
        value: outcome.passed,
        source: "test",
        scope: "trajectory",
        comment: outcome.runner,
        ...(at === undefined ? {} : { at })
      }
}
