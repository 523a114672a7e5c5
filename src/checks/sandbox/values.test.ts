import { existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { temporaryFolder } from "../../testing/folder.ts"
import { bubblewrapArgv } from "./bubblewrap.ts"
import { containerArgv } from "./container.ts"
import { standardLimits } from "./contract.ts"
import { ownerOf, sweep } from "./folders.ts"
import { quoted, scriptOf, toldIn } from "./script.ts"
import { memoryOf, processIn, treeOf } from "./tree.ts"

const host = { links: { "/bin": "usr/bin" }, system: ["/usr"], tools: ["/opt/node/bin"] }
const shown = [{ from: "/home/a/fixture", at: "/sandbox/in/fixture" }]
const pairs = (argv: ReadonlyArray<string>) => argv.map((word, i) => `${word} ${argv[i + 1]} ${argv[i + 2]}`)

describe("the arguments", () => {
  it("of bubblewrap share nothing but what is named, and that read-only", () => {
    for (const manner of [{ kind: "own" as const }, { kind: "dropped" as const, uid: 61190 }]) {
      const argv = bubblewrapArgv(host, standardLimits, shown, manner)
      const sandbox = argv.slice(0, argv.indexOf("--"))
      assert.notInclude(sandbox, "--bind")
      assert.notInclude(sandbox, "--share-net")
      assert.include(argv, "--disable-userns")
      assert.include(sandbox, "--clearenv")
      assert.include(sandbox, "--die-with-parent")
      assert.include(pairs(sandbox), "--ro-bind /home/a/fixture /sandbox/in/fixture")
      assert.include(pairs(sandbox), "--ro-bind /opt/node/bin /opt/node/bin")
      assert.deepStrictEqual(
        sandbox.flatMap((word, i) =>
          word === "--tmpfs" ? [`${sandbox[i - 2]} ${sandbox[i - 1]} ${sandbox[i + 1]}`] : []
        ),
        ["--size 16777216 /dev/shm", "--size 268435456 /tmp", "--size 268435456 /sandbox/work"]
      )
    }
  })

  it("of a container run: no network, a read-only system, no rights, limits", () => {
    assert.deepStrictEqual(containerArgv("node:26", "u-1", standardLimits, shown).join(" ").split(" --"), [
      "run",
      "rm",
      "interactive",
      "pull never",
      "name u-1",
      "network none",
      "read-only",
      "cap-drop ALL",
      "security-opt no-new-privileges",
      "user 65534:65534",
      "memory 1024m",
      "memory-swap 1024m",
      "pids-limit 256",
      "init",
      "tmpfs /sandbox/work:rw,exec,nosuid,nodev,mode=1777,size=256m",
      "tmpfs /tmp:rw,exec,nosuid,nodev,mode=1777,size=256m",
      "mount type=bind,source=/home/a/fixture,target=/sandbox/in/fixture,readonly",
      "workdir /sandbox/work",
      "entrypoint sh node:26"
    ])
  })
})

describe("the script", () => {
  it("quotes what a suite and a case put into it", () => {
    assert.strictEqual(quoted("it's $(x) `y`"), `'it'\\''s $(x) \`y\`'`)
    const places = { work: "/w", temporary: "/t", fixture: "", files: "", patches: [], links: [], ownUser: false }
    const job = { argv: ["echo", "$(touch /x); '"], env: { A: "';x" }, limits: standardLimits, timeoutMs: 1 }
    const script = scriptOf(job, places, "/bin", "mark")
    assert.include(script, `export A=''\\'';x'`)
    assert.include(script, `'echo' '$(touch /x); '\\''' </dev/null`)
  })

  it("is read by its stages", () => {
    const none = { ready: false, output: "", report: "" }
    assert.deepStrictEqual(toldIn("", "m"), none)
    assert.deepStrictEqual(toldIn("\nm fault it is\n", "m"), { ...none, fault: "it is" })
    assert.deepStrictEqual(toldIn("bad\n\nm refused patch 1\n", "m"), { ...none, output: "bad\n", refused: "patch 1" })
    const whole = { ready: true, output: "out\n", report: "<x/>" }
    assert.deepStrictEqual(toldIn("setup\n\nm ready\nout\n\nm report\n<x/>", "m"), whole)
    assert.strictEqual(toldIn("\nm ready\ncut of", "m").output, "cut of")
  })
})

describe("the tree of processes", () => {
  const one = (pid: number, parent: number, session = 1) => ({
    pid,
    parent,
    session,
    threads: 1,
    rss: 10,
    began: `${pid}`
  })

  it("is read from the system's lines, without those that ended", () => {
    const line = "7 (a) b) S 1 7 5 0 -1 4194560 95 0 0 0 0 0 0 0 20 0 3 0 4711 2494464 2"
    assert.deepStrictEqual(processIn(line), { pid: 7, parent: 1, session: 5, threads: 3, rss: 8192, began: "4711" })
    assert.isUndefined(processIn(line.replace(" S ", " Z ")))
    assert.isUndefined(processIn(""))
  })

  it("holds children of children, the session, and those known whose parent has ended", () => {
    const all = [
      one(1, 0, 0),
      one(10, 1, 10),
      one(11, 10, 11),
      one(12, 11, 11),
      one(13, 1, 10),
      one(14, 1, 14),
      one(20, 1, 20)
    ]
    const pids = (known?: ReadonlyMap<number, string>) =>
      treeOf(10, all, known)
        .map(({ pid }) => pid)
        .sort()
    assert.deepStrictEqual(pids(), [10, 11, 12, 13])
    assert.deepStrictEqual(
      pids(
        new Map([
          [14, "14"],
          [20, "another"]
        ])
      ),
      [10, 11, 12, 13, 14]
    )
    assert.strictEqual(memoryOf(all, 1000), 70)
  })
})

describe("folders", () => {
  it.live("of processes that are gone are swept, others stay", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      const names = ["understudy-sandbox-999999999-a", `understudy-sandbox-${process.pid}-b`, "other"]
      for (const name of names) mkdirSync(join(root, name, "x"), { recursive: true })
      sweep(root)
      assert.deepStrictEqual(
        names.map((name) => existsSync(join(root, name))),
        [false, true, true]
      )
      assert.deepStrictEqual(names.map(ownerOf), [999999999, process.pid, undefined])
    }).pipe(Effect.scoped)
  )
})
