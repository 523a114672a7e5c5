import * as Effect from "effect/Effect"
import type { Line } from "../calls/lines.ts"
import { answerOf } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"
import { Fault } from "../domain/Fault.ts"
import { usd } from "../domain/Money.ts"
import { isMachineRate, type Rate } from "../domain/Price.ts"
import { costOfAnswer, costOfMachineTime } from "../pricing/machine.ts"
import { counted } from "../report/figures.ts"
import { visible } from "../report/plain.ts"
import { answerText, blockText } from "../report/texts.ts"
import { Answers } from "../store/Answers.ts"
import { Archives } from "../store/Archives.ts"
import { type OutputRow, Runs } from "../store/Runs.ts"

const requestText = ({ messages }: CallRequest) =>
  messages.map(({ blocks, role }) => `[${role}] ${blocks.map(blockText).join("\n")}`).join("\n")
const indented = (text: string) =>
  visible(text)
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n")

/** The case of a run whose id is, or begins with, the text given. */
const caseOf = Effect.fnUntraced(function* (cases: Readonly<Record<string, string>>, text: string, run: string) {
  const found = Object.keys(cases).filter((id) => id.startsWith(text))
  const [only] = found.includes(text) ? [text] : found
  if (only !== undefined && (found.length === 1 || found.includes(text))) return only
  return yield* new Fault({
    kind: "input",
    sentence:
      found.length === 0 ? `run ${run} has no case ${text}` : `${found.length} cases of run ${run} begin with ${text}`,
    mend: `For example ${(found.length === 0 ? Object.keys(cases) : found).slice(0, 3).join(", ")}.`
  })
})

/** A call of a case that ended without an answer, by the run's journal. */
interface Unanswered {
  readonly setup: string
  readonly tries: number
  /** What its tries took of a machine that is paid by the hour; `null`: not known. */
  readonly usd: string | null
  readonly reason: string
}

const unansweredIn = Effect.fnUntraced(function* (run: string, caseId: string) {
  const rows = yield* (yield* Runs).query(
    run,
    `SELECT line FROM journal
      WHERE (line->>'case') = $case AND (line->>'event') = 'failed' AND (line->>'series') <> 'judge'`,
    { case: caseId }
  )
  return rows.map((row): Unanswered => {
    const { reason, setup, tries, usd: cost } = JSON.parse(String(row["line"])) as Line
    return {
      setup: String(setup),
      tries: Number(tries),
      usd: typeof cost === "string" ? cost : null,
      reason: String(reason)
    }
  })
})

/** Earlier tries of a call that brought no answer, in words. */
const vainWords = (tries: number, cost: string | null) =>
  `${counted(tries, "try", "tries")} without an answer${cost === null ? "" : `, $${cost} of the machine's time`}`

/** Which setup of a cascade and which sample, where it is not the first, as the beginning of a line. */
const whereWords = ({ rung, sample }: { readonly rung?: number; readonly sample?: number }) =>
  `${rung === undefined ? "" : `setup ${rung + 1} of the cascade, `}${sample === undefined ? "" : `sample ${sample + 1}, `}`

/** One case of a run: request, original, every attempt of every setup with its checks and cost, the calls without an answer, and the grades. */
export const showCase = Effect.fn("Runs.show")(
  function* (runName: string, caseText: string) {
    const runs = yield* Runs
    const answers = yield* Answers
    const manifest = yield* runs.manifest(runName)
    const { run } = manifest
    const id = yield* caseOf(manifest.cases, caseText, run)
    const result = yield* runs.result(run)
    const reader = yield* (yield* Archives).reader(manifest.archive)
    const call = yield* reader.load(manifest.cases[id]!)
    const grades = yield* runs.grades(run, id)
    const prices = new Map(
      [...result.prices, ...(result.machines ?? [])].map((price): [string, Rate] => [
        `${price.provider}/${price.model}`,
        price
      ])
    )

    const unanswered = yield* unansweredIn(run, id)
    const attemptsOf = (row: OutputRow) =>
      Effect.forEach(row.attempts, (attempt) =>
        Effect.map(answers.get(attempt.answer), (kept) => {
          const price = kept && prices.get(`${kept.provider}/${kept.model}`)
          return {
            round: attempt.round,
            ...(attempt.rung === undefined ? {} : { rung: attempt.rung }),
            ...(attempt.sample === undefined ? {} : { sample: attempt.sample }),
            ...(attempt.judged === undefined ? {} : { judged: attempt.judged }),
            ...(attempt.enlarged === undefined ? {} : { enlarged: attempt.enlarged }),
            model: kept?.model ?? null,
            answer: kept === undefined ? null : answerOf(kept.response, kept.usage),
            usage: kept?.usage ?? null,
            usd: kept === undefined || price === undefined ? null : usd(costOfAnswer(kept, price)),
            ...(kept?.timing.failed === undefined
              ? {}
              : {
                  failedTries: {
                    tries: kept.timing.failed.tries,
                    usd:
                      price === undefined || !isMachineRate(price)
                        ? null
                        : usd(costOfMachineTime(kept.timing.failed.shareMs, price))
                  }
                }),
            latencyMs: attempt.latencyMs,
            cached: attempt.cached,
            checks: attempt.checks
          }
        })
      )
    const outputs = yield* Effect.forEach(yield* runs.outputs(run, id), (row) =>
      Effect.map(attemptsOf(row), (attempts) => ({
        setup: row.setup,
        label: row.setup === "floor" ? `${manifest.incumbent} asked again` : (manifest.setups[row.setup] ?? row.setup),
        attempts,
        unanswered: unanswered
          .filter(({ setup }) => setup === row.setup)
          .map(({ reason, tries, usd: cost }) => ({ tries, usd: cost, reason })),
        ...(row.ending === undefined ? {} : { ending: row.ending }),
        losses: row.losses,
        ...(row.failure === undefined ? {} : { failure: row.failure }),
        grades: grades
          .filter(({ setup }) => setup === row.setup)
          .map(({ grader, score, why }) => ({ grader, score, why }))
      }))
    )
    const original = answerOf(call.response, call.usage)
    const doc = { run, case: id, call: call.id, labels: call.labels, request: call.request, original, outputs }
    const text = [
      `Case ${id} of run ${run}: call ${visible(call.id)}`,
      "  Request",
      indented(requestText(call.request)),
      `  Original (${manifest.incumbent})`,
      indented(answerText(original)),
      ...outputs.flatMap(({ attempts, ending, failure, grades: scores, label, losses, unanswered: vain }) => [
        `  ${label}`,
        ...attempts.flatMap(({ answer, checks, enlarged, failedTries, latencyMs, round, usd: dollars, ...where }) => [
          indented(answer === null ? "[this answer is no longer in the cache]" : answerText(answer)),
          `    ${whereWords(where)}round ${round}${enlarged === undefined ? "" : `, asked again for up to ${enlarged} tokens`}: ${dollars === null ? "unpriced" : `$${dollars}`}${latencyMs === null ? "" : `, ${Math.round(latencyMs)} ms`}${failedTries === undefined ? "" : `; after ${vainWords(failedTries.tries, failedTries.usd)}`}`,
          ...checks.map(({ message, pass, use }) => indented(`check ${use}: ${pass ? "pass" : `fail: ${message}`}`))
        ]),
        ...vain.map(({ reason, tries, usd: cost }) => `    ${vainWords(tries, cost)}; the last: ${reason}`),
        ...(failure === undefined ? [] : [indented(`no answer: ${failure.message}`)]),
        ...(failure !== undefined || ending === undefined || ending === "complete" ? [] : [`    ended: ${ending}`]),
        ...losses.map(({ what, why }) => indented(`lost in translation: ${what}: ${why}`)),
        ...scores.map(({ grader, score, why }) =>
          indented(`grade ${grader}: ${score ?? "ungraded"}${why === "" ? "" : `: ${why}`}`)
        )
      ])
    ]
    return { doc, text: text.join("\n") }
  },
  Effect.provide(Answers.layer),
  Effect.scoped
)
