// Reads vitest's JSON report and prints the closing line of CI. A skipped test is a failure here, but for those that read
// recordings outside the checkout, cannot be run by root, or mount a disk, and say so in their name; they are listed. Plain CommonJS: it runs on whatever Node there is.
const { existsSync, readFileSync } = require("node:fs")

const [file, exitCode, failedSteps] = process.argv.slice(2)
const external = /\[needs (\.\.\/shared|a user other than root|to mount a filesystem)\]/
const report = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { testResults: [] }
const tests = report.testResults.flatMap((suite) => suite.assertionResults)
const named = (status) => tests.filter((test) => test.status === status).map((test) => test.fullName)
const passed = named("passed").length
const skipped = [...named("skipped"), ...named("pending"), ...named("todo")]
const excused = skipped.filter((name) => external.test(name))
const unexcused = skipped.filter((name) => !external.test(name))
let failed = named("failed").length + unexcused.length + Number(failedSteps)

for (const name of excused) console.log(`skipped, what it needs is not here: ${name}`)
for (const name of unexcused) console.log(`FAILED, skipped although CI must run it: ${name}`)
// A file that does not load has no tests to count.
for (const suite of report.testResults) {
  if (suite.status === "failed" && !suite.assertionResults.some((test) => test.status === "failed")) {
    console.log(`FAILED: ${suite.name}: ${suite.message}`)
    failed++
  }
}
if (failed === 0 && (Number(exitCode) !== 0 || passed === 0)) failed = 1
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
