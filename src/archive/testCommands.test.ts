import { assert, describe, it } from "@effect/vitest"

import { testSignal, testsPassed } from "./testCommands.ts"

const says = (command: string, exitCode: number) => testsPassed(command, exitCode)?.passed

describe("a shell command says whether tests passed", () => {
  it("when it runs a known runner to its end", () => {
    for (const command of ["npm test", "pnpm run test", "npx vitest run src", "cargo test -p core", "go test ./..."]) {
      assert.strictEqual(says(command, 0), true, command)
      assert.strictEqual(says(command, 1), false, command)
    }
    assert.strictEqual(says("cd app && CI=1 npm test 2>&1", 1), false)
    assert.strictEqual(says("python -m pytest -x > out.txt", 0), true)
    assert.strictEqual(says("./gradlew :app:test --info test", 0), true)
  })

  it("but not where something else may have failed, or hides the failure", () => {
    assert.strictEqual(says("npm run build && npm test", 0), true)
    for (const [command, exitCode] of [
      ["npm run build && npm test", 1],
      ["npm test | tail -5", 0],
      ["npm test || true", 0],
      ["npm test; echo done", 0],
      ["npm test &", 0],
      ["echo $(npm test)", 0],
      ["npm testing", 0],
      ["npm run lint", 0],
      ["pytest --collect-only", 0],
      ["pytest", 5],
      ["npm test", 124],
      ["npm test", 137],
      ["", 0],
      ["cat <<EOF\nnpm test\nEOF", 0]
    ] as const)
      assert.isUndefined(says(command, exitCode), command)
  })

  it("as a signal about the trajectory, unless the shell itself failed", () => {
    const run = { command: "cd app && npm test", exitCode: 1, at: "2026-01-01T00:00:00.000Z" }
    assert.deepStrictEqual(testSignal({ ...run, output: "1 failing" }), {
      name: "tests",
      value: false,
      source: "test",
      scope: "trajectory",
      comment: "npm test",
      at: "2026-01-01T00:00:00.000Z"
    })
    assert.isUndefined(testSignal({ ...run, output: "bash: cd: app: No such file or directory" }))
  })
})
