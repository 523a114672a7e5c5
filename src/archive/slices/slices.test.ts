import { existsSync, readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"

import { assert, describe, it } from "@effect/vitest"

import type { ArchivedCall, ToolDef } from "../../domain/Call.ts"
import { digestOf } from "../../domain/digest.ts"
import type { Message } from "../../domain/Message.ts"
import { archivedCall } from "../../testing/archivedCall.ts"
import { litellm } from "../importers/litellm.ts"
import { entriesIn } from "./file.ts"
import { type SliceEntry, sliceFinder, slicesOf } from "./slices.ts"
import { templateOf } from "./template.ts"
import type { CountedTemplate } from "./tree.ts"

/** Chance that is the same on every machine. */
const chance = (seed: number) => {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}
const letters = "abcdefghijklmnopqrstuvwxyz"
/** Words that nobody knows: text that has nothing in common with other text. */
const noise = (seed: number, count: number): string => {
  const next = chance(seed * 7919 + 13)
  const word = () => Array.from({ length: 4 + Math.floor(next() * 5) }, () => letters[Math.floor(next() * 26)]).join("")
  return Array.from({ length: count }, word).join(" ")
}

const says = (role: "system" | "user", text: string): Message => ({ role, blocks: [{ type: "text", text }] })
const tool = (name: string): ToolDef => ({ name, inputSchema: {}, kind: "function", basis: "recorded" })

interface Told {
  readonly task: string
  readonly call: ArchivedCall
}
let made = 0
const told = (
  task: string,
  prompt: { readonly system?: string; readonly user: string; readonly tools?: ReadonlyArray<string> | null },
  call: Partial<ArchivedCall> = {}
): Told => {
  made += 1
  return {
    task,
    call: archivedCall(`call-${made}`, {
      messages: [...(prompt.system === undefined ? [] : [says("system", prompt.system)]), says("user", prompt.user)],
      request: { tools: prompt.tools === null ? null : (prompt.tools ?? []).map(tool) },
      call: { grouping: { attempt: 0, sessionId: `session-${made}` }, ...call }
    })
  }
}
const many = (count: number, make: (index: number) => Told) => Array.from({ length: count }, (_, index) => make(index))

/** What the archive counts of its templates. */
const countedOf = (calls: ReadonlyArray<ArchivedCall>): ReadonlyArray<CountedTemplate> => {
  const groups = Map.groupBy(calls, (call) => templateOf(call).key)
  return [...groups.values()].map((some) => ({
    ...templateOf(some[0]!),
    calls: some.length,
    sessions: new Set(some.map(({ grouping, id }) => grouping.sessionId ?? id)).size,
    questions: new Set(some.map(({ request }) => digestOf(request.messages))).size
  }))
}
const inferred = (all: ReadonlyArray<Told>, kept: ReadonlyArray<SliceEntry> = []) =>
  slicesOf(countedOf(all.map(({ call }) => call)), kept)

/** Slices with the tasks whose calls they hold: pure where each holds one. */
const tasksBy = (all: ReadonlyArray<Told>, entries: ReadonlyArray<SliceEntry>) => {
  const find = sliceFinder(entries)
  const by = Map.groupBy(all, ({ call }) => find(templateOf(call).key)?.slice ?? "none")
  return Object.fromEntries([...by].map(([slice, some]) => [slice, [...new Set(some.map(({ task }) => task))].sort()]))
}
const purity = (all: ReadonlyArray<Told>, entries: ReadonlyArray<SliceEntry>) => {
  const find = sliceFinder(entries)
  const by = Map.groupBy(all, ({ call }) => find(templateOf(call).key)?.slice ?? "none")
  const largest = [...by.values()].map((some) =>
    Math.max(...[...Map.groupBy(some, ({ task }) => task).values()].map(({ length }) => length))
  )
  return largest.reduce((sum, calls) => sum + calls, 0) / all.length
}

const pipelines = [
  ...many(40, (i) => told("classify", { user: `Classify this ticket: ${noise(i, 30)}` })),
  ...many(30, (i) => told("summarise", { user: `Summarise the following text:\n${noise(i + 100, 200)}` })),
  ...many(20, (i) => told("translate", { user: `Translate to French: ${noise(i + 200, 5)}` }))
]

describe("slices inferred from prompts", () => {
  it("are one for each template that data is put into, named by it", () => {
    assert.deepStrictEqual(tasksBy(pipelines, inferred(pipelines)), {
      "classify-this-ticket": ["classify"],
      "summarise-the-following-text": ["summarise"],
      "translate-to-french": ["translate"]
    })
  })

  it("are the same under a system prompt that says nothing", () => {
    const system = "You are a helpful assistant."
    const all = pipelines.map(({ call, task }) => ({
      task,
      call: { ...call, request: { ...call.request, messages: [says("system", system), ...call.request.messages] } }
    }))
    assert.deepStrictEqual(tasksBy(all, inferred(all)), tasksBy(pipelines, inferred(pipelines)))
  })

  it("find a template that comes after its data", () => {
    const all = [
      ...many(30, (i) =>
        told("fix", { user: `${noise(i, 60)}\n\nCorrect the spelling of the text above and nothing else.` })
      ),
      ...many(30, (i) =>
        told("title", { user: `${noise(i + 50, 60)}\n\nGive the text above a title of at most ten words.` })
      )
    ]
    assert.strictEqual(purity(all, inferred(all)), 1)
    assert.strictEqual(inferred(all).length, 2)
  })

  it("are one for free chat under one system prompt, not one a conversation", () => {
    const all = many(60, (i) =>
      told("chat", { system: `You are the travel guide of Blue Coast. ${noise(9, 40)}`, user: noise(i, 20) })
    )
    assert.deepStrictEqual(tasksBy(all, inferred(all)), { "travel-guide": ["chat"] })
  })

  it("keep a system prompt together whatever name or document stands in it", () => {
    const guide = "You are a contract reviewer. Answer from the contract alone, and say where it is silent."
    const all = [
      ...many(40, (i) => told("review", { system: `${guide}\n\nContract:\n${noise(i, 300)}`, user: noise(i + 50, 9) })),
      ...many(40, (i) =>
        told("coach", {
          system: `${noise(i % 8, 1)} is whom you coach. You are a patient running coach, and you plan one week at a time. Never plan two hard days in a row.`,
          user: noise(i + 100, 9)
        })
      )
    ]
    const entries = inferred(all)
    assert.strictEqual(purity(all, entries), 1)
    assert.deepStrictEqual(
      entries.map(({ calls }) => calls),
      [40, 40]
    )
  })

  it("tell many tasks with one preamble apart", () => {
    const all = Array.from({ length: 25 }, (_, task) =>
      many(40, (i) =>
        told(`task ${task}`, {
          system: `You are a helpful assistant of Harbour and Hearth. Your job is to ${noise(task + 1000, 12)}.`,
          user: noise(i, 12)
        })
      )
    ).flat()
    assert.strictEqual(purity(all, inferred(all)), 1)
    assert.strictEqual(inferred(all).length, 25)
  })

  it("tell agents that only their program and role tell apart", () => {
    const agent = (i: number, grouping: Partial<ArchivedCall["grouping"]>) =>
      told(
        grouping.agent ?? grouping.agentRole ?? "main",
        { user: noise(i, 30), tools: null },
        {
          grouping: { attempt: 0, sessionId: `s${i % 10}`, ...grouping },
          provenance: { importer: "claude-code", file: "a", native: {}, identity: "native" }
        }
      )
    const all = [
      ...many(60, (i) => agent(i, { agentRole: "main" })),
      ...many(20, (i) => agent(i + 100, { agentRole: "subagent", agent: "Explore" })),
      ...many(10, (i) => agent(i + 200, { agentRole: "compaction" }))
    ]
    assert.deepStrictEqual(tasksBy(all, inferred(all)), {
      "claude-code": ["main"],
      "claude-code-compaction": ["compaction"],
      "explore-subagent": ["Explore"]
    })
  })

  it("are at most forty and other", () => {
    const all = Array.from({ length: 70 }, (_, task) =>
      many(9, (i) => told(`${task}`, { system: noise(task + 500, 20), user: noise(i, 9) }))
    ).flat()
    const entries = inferred(all)
    assert.strictEqual(entries.length, 41)
    assert.strictEqual(entries.find(({ slice }) => slice === "other")?.calls, 30 * 9)
  })

  it("are one where there is but one call", () => {
    assert.deepStrictEqual(
      inferred([told("ask", { system: "You are a careful tax adviser.", user: "May I?" })]).map(({ slice }) => slice),
      ["tax-adviser"]
    )
  })

  it("are the same in whatever order the templates come", () => {
    const rows = countedOf(pipelines.map(({ call }) => call))
    const next = chance(5)
    const shuffled = rows.map((row) => [next(), row] as const).sort(([a], [b]) => a - b)
    assert.deepStrictEqual(
      slicesOf(
        shuffled.map(([, row]) => row),
        []
      ),
      slicesOf(rows, [])
    )
  })

  it("stay as they are when nothing is new", () => {
    assert.deepStrictEqual(inferred(pipelines, inferred(pipelines)), inferred(pipelines))
  })
})

describe("slices of any archive", () => {
  const systems = [
    undefined,
    "You are a helpful assistant.",
    `You are the help desk of a bank. ${noise(3, 45)}`,
    `You sort mail. ${noise(4, 20)}`
  ]
  const asks = [
    (n: number) => noise(n, 1 + (n % 40)),
    (n: number) => `Classify this ticket: ${noise(n, 9)}`,
    (n: number) => `Say hello to ${noise(n % 5, 1)}`,
    (n: number) => `${noise(n, 50)}\n\nNow write all of that once more in plain words.`,
    () => "Write the daily report.",
    () => ""
  ]
  const random = (seed: number): ReadonlyArray<Told> => {
    const next = chance(seed)
    const pick = <A>(values: ReadonlyArray<A>): A => values[Math.floor(next() * next() * values.length)]!
    return many(20 + Math.floor(next() * 300), (i) => {
      const system = pick(systems)
      const user = pick(asks)(Math.floor(next() * 1000))
      const tools = pick([[], null, ["lookup", "pay"], [noise(i, 1)]])
      const session = `session-${Math.floor(next() * 100)}`
      const agent = pick([{}, {}, { agent: "Plan" }, { agent: noise(i, 1) }])
      const prompt = {
        user,
        tools,
        ...(system === undefined ? {} : { system: next() < 0.2 ? `${system} ${noise(i, 30)}` : system })
      }
      return told("", prompt, { grouping: { attempt: 0, sessionId: session, ...agent } })
    })
  }

  it("hold every call once, can be read again, have names of their own, and stay when nothing is new", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const all = random(seed * 31)
      const entries = inferred(all)
      assert.strictEqual(
        entries.reduce((sum, { calls }) => sum + calls, 0),
        all.length,
        `seed ${seed}`
      )
      assert.deepStrictEqual(entriesIn(JSON.stringify(entries), "slices.json"), entries, `seed ${seed}`)
      assert.strictEqual(new Set(entries.map(({ slice }) => slice)).size, entries.length, `seed ${seed}`)
      assert.isAtMost(entries.length, 41)
      assert.deepStrictEqual(inferred(all, entries), entries, `seed ${seed}`)
    }
  })

  it("keep their names and templates whatever comes", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const before = inferred(random(seed * 17))
      const after = inferred([...random(seed * 17), ...random(seed * 17 + 1)], before)
      for (const { slice, templates } of before) {
        const same = after.find((entry) => entry.slice === slice)
        assert.includeMembers([...(same?.templates ?? [])], [...templates], `seed ${seed}`)
      }
    }
  })
})

describe("slices that are there", () => {
  const rename = (entries: ReadonlyArray<SliceEntry>, names: Readonly<Record<string, string>>) =>
    entries.map((entry) => ({ ...entry, slice: names[entry.slice] ?? entry.slice }))

  it("keep the names that a person gave them, and their calls are counted anew", () => {
    const mine = rename(inferred(pipelines), { "classify-this-ticket": "triage" })
    const more = [
      ...pipelines,
      ...many(25, (i) => told("classify", { user: `Classify this ticket: ${noise(i + 900, 30)}` }))
    ]
    assert.deepStrictEqual(tasksBy(more, inferred(more, mine))["triage"], ["classify"])
    assert.strictEqual(inferred(more, mine).find(({ slice }) => slice === "triage")?.calls, 65)
  })

  it("are one where they have one name", () => {
    const mine = rename(inferred(pipelines), { "classify-this-ticket": "text", "translate-to-french": "text" })
    assert.deepStrictEqual(tasksBy(pipelines, inferred(pipelines, mine)), {
      "summarise-the-following-text": ["summarise"],
      text: ["classify", "translate"]
    })
  })

  it("keep a template where a person moved it", () => {
    const [a, b, ...others] = inferred(pipelines)
    const mine = [{ ...a!, templates: [...a!.templates, ...b!.templates] }, ...others]
    const after = inferred(pipelines, mine)
    assert.deepStrictEqual(
      after.find(({ slice }) => slice === a!.slice)?.templates,
      [...a!.templates, ...b!.templates].sort()
    )
    assert.isUndefined(after.find(({ slice }) => slice === b!.slice))
  })

  it("take in the next version of their system prompt", () => {
    const desk = (version: string) => (i: number) =>
      told("desk", {
        system: `You are the help desk of a bank. ${version} ${noise(3, 45)}`,
        user: noise(i, 15),
        tools: ["lookup", "block card", version]
      })
    const before = many(50, desk("Be brief and kind."))
    const after = [...before, ...many(50, (i) => desk("Be brief and very kind.")(i + 60))]
    const entries = inferred(after, inferred(before))
    assert.strictEqual(entries.length, 1)
    assert.strictEqual(entries[0]?.calls, 100)
  })

  it("make room for a new task under a system prompt that says nothing, and keep the rest", () => {
    const system = "You are a helpful assistant."
    const chat = many(60, (i) => told("chat", { system, user: noise(i, 20) }))
    const before = rename(inferred(chat), { chat: "talk" })
    const all = [
      ...chat,
      ...many(40, (i) => told("classify", { system, user: `Classify this ticket: ${noise(i + 70, 20)}` }))
    ]
    assert.deepStrictEqual(tasksBy(all, inferred(all, before)), {
      "classify-this-ticket": ["classify"],
      talk: ["chat"]
    })
  })

  it("tell nothing of what is gone", () => {
    const [only] = inferred(pipelines.slice(0, 40))
    const left = inferred(pipelines.slice(40), [only!]).find(({ slice }) => slice === only!.slice)
    assert.deepStrictEqual([left?.calls, left?.about], [0, { tools: "", system: "", user: "" }])
  })
})

describe("the support desk's slices", () => {
  const reader = litellm.start({}).open("calls.jsonl")
  const file = new URL("../../../datasets/support-desk/calls.jsonl.gz", import.meta.url)
  const all = gunzipSync(readFileSync(file))
    .toString()
    .split("\n")
    .flatMap((text, index): ReadonlyArray<Told> => {
      if (!text.endsWith("}")) return []
      return reader
        .line({ line: index + 1, json: JSON.parse(text) })
        .flatMap((found) =>
          found._tag === "Call" ? [{ task: found.call.labels["taskType"] ?? "", call: found.call }] : []
        )
    })

  it("are its four tasks, one each", () => {
    const entries = inferred(all)
    assert.strictEqual(purity(all, entries), 1)
    assert.deepStrictEqual(tasksBy(all, entries), {
      "support-desk-agent": ["act"],
      "support-desk-case-notes": ["reply"],
      "support-desk-ticket": ["extract"],
      "support-desk-triage": ["triage"]
    })
  })
})

const tauBench = "../shared/data/formats/tau-bench/gpt-4o-airline.json"
const replay = "../shared/data/replay"
const recorded = (name: string, model: string): ReadonlyArray<Told> =>
  gunzipSync(readFileSync(`${replay}/${name}_dev.jsonl.gz`))
    .toString()
    .split("\n")
    .filter((text) => text !== "")
    .map((text) => JSON.parse(text))
    .filter((row) => row.model === model)
    .map((row) => {
      const text = (role: string) => row.request.messages.find((one: { role: string }) => one.role === role)?.content
      const system = text("system")
      return told(row.group, { user: text("user"), ...(system === undefined ? {} : { system }) })
    })

describe("recorded prompts", () => {
  // zcat zeroeval_dev.jsonl.gz | jq -r 'select(.model == "gpt-4o-2024-08-06").group' | sort | uniq -c: 400 code-output-prediction-json, 500 math-word-problem-json
  it.skipIf(!existsSync(replay))("of two evaluations without a system prompt are told apart [needs ../shared]", () => {
    const all = recorded("zeroeval", "gpt-4o-2024-08-06")
    assert.deepStrictEqual(tasksBy(all, inferred(all)), {
      question: ["math-word-problem-json"],
      "python-function-and-an-assertion": ["code-output-prediction-json"]
    })
    assert.deepStrictEqual(
      inferred(all).map(({ calls }) => calls),
      [500, 400]
    )
  })

  // jq '[.[].traj[] | select(.role == "assistant")] | length' gpt-4o-airline.json: 2454; jq '[.[].traj[0].content] | unique | length': 1
  it.skipIf(!existsSync(tauBench))("of conversations with one policy stay together [needs ../shared]", () => {
    const runs: ReadonlyArray<{ readonly traj: ReadonlyArray<{ readonly role: string; readonly content: string }> }> =
      JSON.parse(readFileSync(tauBench, "utf8"))
    const all = runs.flatMap(({ traj }, run) => {
      const [system, user] = traj
      const prompt = { system: system!.content, user: user!.content }
      return traj
        .filter(({ role }) => role === "assistant")
        .map(() => told("airline", prompt, { grouping: { attempt: 0, sessionId: `run-${run}` } }))
    })
    assert.deepStrictEqual(
      inferred(all).map(({ calls, slice }) => [slice, calls]),
      [["airline-agent-policy", 2454]]
    )
  })

  // zcat svelte_dev.jsonl.gz | jq -r 'select(.model == "claude-opus-4.5").group' | sort | uniq -c: 90 svelte-codegen
  it.skipIf(!existsSync(replay))("of one evaluation with nine prompts stay together [needs ../shared]", () => {
    const all = recorded("svelte", "claude-opus-4.5")
    assert.deepStrictEqual(tasksBy(all, inferred(all)), { "expert-svelte-developer": ["svelte-codegen"] })
    assert.strictEqual(inferred(all)[0]?.calls, 90)
  })
})
