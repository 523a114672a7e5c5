import type { Random } from "../sample/random.ts"

const words = (
  "the of and to in is for that on with as was it by be are from this at or an have not which you can has but all if their we " +
  "will one been had more when there who no out so what up about into than its only other new some could time these two may first " +
  "then do any order delivery parcel invoice customer account refund payment address warehouse driver label carrier contract " +
  "policy manager request status change update ticket error server cluster region deploy release branch commit test suite function " +
  "variable module package version schema table index query column record field value number string object array response header " +
  "timeout retry queue worker process memory thread socket port certificate domain service gateway proxy balance threshold report " +
  "quarter budget forecast margin revenue supplier material batch sample measure pressure valve pump sensor reading alarm shift"
).split(" ")

/** A text of so many words, with full stops, a comma now and then, and now and then a number. */
export const sentenceOf = (random: Random, length: number): string => {
  let text = ""
  let begins = true
  for (let i = 0; i < length; i++) {
    const word = random.chance(0.03) ? String(random.int(1, 99_999)) : random.pick(words)
    text += begins ? word[0]!.toUpperCase() + word.slice(1) : word
    begins = i === length - 1 || random.chance(0.09)
    text += begins ? ". " : random.chance(0.07) ? ", " : " "
  }
  return text.trimEnd()
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
const drawn = (random: Random, length: number, from = letters) =>
  Array.from({ length }, () => from[random.int(0, from.length - 1)]).join("")

/** A made-up credential of some kind, as people paste them. */
export const secretOf = (random: Random): string => {
  const upper = letters.slice(0, 26) + letters.slice(52)
  const kinds = [
    () => `AWS_ACCESS_KEY_ID=AKIA${drawn(random, 16, upper)}`,
    () => `token ghp_${drawn(random, 36)}`,
    () => `postgres://admin:${drawn(random, 14)}@db.internal.example:5432/orders`,
    () => `SLACK_TOKEN=xoxb-${drawn(random, 12, "0123456789")}-${drawn(random, 24)}`
  ]
  return random.pick(kinds)()
}

const tool = (name: string, description: string, ...fields: ReadonlyArray<string>) => ({
  type: "function",
  function: {
    name,
    description,
    parameters: {
      type: "object",
      properties: Object.fromEntries(
        fields.map((field) => [field, { type: "string", description: `The ${field} to use.` }])
      ),
      required: fields,
      additionalProperties: false
    }
  }
})

/** The applications that ask: each with a system prompt and tools of its own. */
export const desks = [
  {
    team: "support",
    task: "triage",
    model: "gpt-4o",
    tools: [
      tool("find_order", "Looks an order up by its number.", "order", "customer"),
      tool("refund", "Pays an order back.", "order", "amount", "reason")
    ]
  },
  {
    team: "platform",
    task: "review",
    model: "gpt-4.1",
    tools: [
      tool("read_file", "Reads a file of the repository.", "path"),
      tool("run_tests", "Runs the tests of a folder.", "folder"),
      tool("comment", "Writes a remark at a line.", "path", "line", "text")
    ]
  },
  {
    team: "finance",
    task: "extract",
    model: "gpt-4o-mini",
    tools: [tool("book", "Books an invoice.", "supplier", "number", "amount", "currency")]
  }
].map((desk) => ({
  ...desk,
  system: `You work for the ${desk.team} desk and your task is to ${desk.task}. ${Array.from(
    { length: 12 },
    (_, rule) =>
      `Rule ${rule + 1}: be exact, name what you used, and ask when the ${words[40 + rule * 5]} is not clear.`
  ).join(" ")}`
}))
