import { assert, describe, it } from "@effect/vitest"

import { countsIn } from "./counts.ts"
import { plain, tailOf } from "./plain.ts"

// Printed by Node 26.10.0, vitest 5.1.1 and pytest 9.0.3 for one test each that passes, fails, is skipped and is to do.
const spec = `✔ adds (1.63ms)
✖ subtracts (1.34ms)
﹣ later (0.21ms) # SKIP
✔ todo (0.19ms) # TODO
ℹ tests 4
ℹ suites 0
ℹ pass 1
ℹ fail 1
ℹ cancelled 0
ℹ skipped 1
ℹ todo 1
ℹ duration_ms 128.6

✖ failing tests:

test at a.test.mjs:2:43
✖ subtracts (1.34ms)
  AssertionError [ERR_ASSERTION]: 1 == 2
`
const tap = `TAP version 13
# Subtest: adds
ok 1 - adds
  ---
  duration_ms: 1.8
  ...
# Subtest: subtracts
not ok 2 - subtracts
  ---
  error: '1 == 2'
  ...
# Subtest: later
ok 3 - later # SKIP
# Subtest: todo
ok 4 - todo # TODO
1..4
`
const sums = "# tests 4\n# suites 0\n# pass 1\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 1\n"
const vitest = ` RUN  v5.1.1 /w

 ❯ v.test.js (4 tests | 1 failed | 1 skipped | 1 todo) 16ms
   ✓ adds 4ms
   × subtracts 9ms

⎯⎯⎯⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯⎯⎯⎯

 FAIL  v.test.js > subtracts
AssertionError: expected 1 to be 2 // Object.is equality

 Test Files  1 failed (1)
      Tests  1 failed | 1 passed | 1 skipped | 1 todo (4)
   Start at  16:30:48
`
const pytest = `=========================== short test summary info ============================
FAILED test_p.py::test_subtracts - assert 1 == 2
1 failed, 1 passed, 1 skipped in 1.71s
`
const junitOfPytest = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="1" skipped="1" tests="3"><testcase classname="test_p" name="test_adds" time="0.001" /><testcase classname="test_p" name="test_subtracts"><failure message="assert 1 == 2">&gt; def</failure></testcase><testcase classname="test_p" name="test_later"><skipped type="pytest.skip">x</skipped></testcase></testsuite></testsuites>`
const junitOfNode = `<testsuites>
	<testcase name="adds" time="0.001" classname="test" file="/a.test.mjs"/>
	<testcase name="1 &lt; 2" classname="test" failure="1 == 2">
		<failure type="testCodeFailure" message="1 == 2">[Error]</failure>
	</testcase>
	<testcase name="later"><skipped type="skipped" message="true"/></testcase>
	<!-- tests 3 -->
</testsuites>`

describe("counts of tests", () => {
  it.for([
    ["node", spec, 1, 1, 2, ["subtracts"]],
    ["node", tap + sums, 1, 1, 2, ["subtracts"]],
    ["tap", tap, 1, 1, 2, ["subtracts"]],
    ["tap", "TAP version 14\n1..2\nok 1 - a # b\n", 1, 1, 0, ["2 tests were planned, 1 ran"]],
    ["tap", "1..2\nok\nBail out! no database\n", 1, 1, 0, ["the run was bailed out"]],
    ["tap", "TAP version 14\n    ok 1 - inner\n    1..1\nnot ok 1 - outer\n1..1\n", 0, 1, 0, ["outer"]],
    ["vitest", vitest, 1, 1, 2, ["v.test.js > subtracts"]],
    ["vitest", " Test Files  1 failed (1)\n      Tests  no tests\n", 0, 1, 0, ["a test file could not run"]],
    ["vitest", "Tests:       1 failed, 2 passed, 3 total\n", 2, 1, 0, []],
    ["pytest", pytest, 1, 1, 1, ["test_p.py::test_subtracts"]],
    ["pytest", "==== 2 passed, 1 xfailed, 1 error in 0.10s ====\n", 2, 1, 1, []],
    ["junit", junitOfPytest, 1, 1, 1, ["test_subtracts"]],
    ["junit", junitOfNode, 1, 1, 1, ["1 < 2"]]
  ] as const)("are read from %s's own words", ([form, text, passed, failed, skipped, failing]) => {
    assert.deepStrictEqual(countsIn(text, form), { passed, failed, skipped, failing })
    assert.strictEqual(countsIn(text, "auto")?.failed, failed)
  })

  it("are not read from what is none", () => {
    for (const text of ["", "ok, done\n", "all tests passed", "<html></html>", "Tests are fun\n"]) {
      assert.isUndefined(countsIn(text, "auto"), text)
    }
  })

  it("are read through colours", () => {
    const esc = String.fromCharCode(27)
    assert.strictEqual(
      countsIn(`${esc}[1m      Tests ${esc}[22m ${esc}[32m3 passed${esc}[39m (3)\n`, "vitest")?.passed,
      3
    )
  })
})

describe("an output", () => {
  it("is shown as a terminal would", () => {
    const esc = String.fromCharCode(27)
    assert.strictEqual(plain(`${esc}[31mred${esc}[0m\r\n10 %\r20 %\n${esc}]0;title\u0007a\u0000b`), "red\n20 %\nab")
  })
  it("is cut at a line, from its end", () => {
    assert.strictEqual(tailOf("one\ntwo\nthree\n", 8), "[…]\nthree")
    assert.strictEqual(tailOf("\none\n", 10), "one")
  })
})
