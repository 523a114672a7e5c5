import { assert, describe, it } from "@effect/vitest"

import { LabelSet } from "./labels.ts"
import { addWorkplace, homeOwnerOf } from "./workplace.ts"

describe("the folder an agent worked in", () => {
  it("names the engineer by the home it lies in, never a machine's account", () => {
    assert.strictEqual(homeOwnerOf("/Users/ana/dev/app"), "ana")
    assert.strictEqual(homeOwnerOf("/home/bo"), "bo")
    assert.strictEqual(homeOwnerOf("C:\\Users\\Cy\\app"), "Cy")
    for (const folder of ["/home/runner/work/app", "/Users/Shared/app", "/srv/home/x", "/tmp", "/root/app"])
      assert.isUndefined(homeOwnerOf(folder), folder)
  })

  it("labels a call, and leaves what is known better", () => {
    assert.deepStrictEqual(addWorkplace(new LabelSet(), "/Users/ana/dev/app/").all, {
      cwd: "/Users/ana/dev/app/",
      engineer: "ana",
      "engineer.basis": "inferred",
      project: "app"
    })
    assert.strictEqual(addWorkplace(new LabelSet().add("project", "shop"), "/tmp/x").all["project"], "shop")
    assert.deepStrictEqual(addWorkplace(new LabelSet(), 7n).all, {})
  })
})
