import * as Result from "effect/Result"

import { jsonOf } from "../checks/json.ts"
import type { Answer, ToolCall } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"
import { bestPairing } from "./assignment.ts"
import { compareJson, type Rules } from "./compare.ts"
import { tokenF1, tokensOf } from "./textSimilarity.ts"

const rules: Rules = {
  numbers: (one, other) => one === other,
  texts: (one, other) => one.trim() === other.trim(),
  ignored: () => false,
  unordered: () => undefined
}

const jsonLikeness = (one: unknown, other: unknown): number => {
  const { equal, leaves } = compareJson(one, other, rules)
  return leaves === 0 ? 1 : equal / leaves
}

const callLikeness = (one: ToolCall, other: ToolCall): number =>
  one.name !== other.name || one.error !== undefined || other.error !== undefined
    ? 0
    : jsonLikeness({ [one.name]: null, arguments: one.arguments }, { [other.name]: null, arguments: other.arguments })

const callsLikeness = (one: ReadonlyArray<ToolCall>, other: ReadonlyArray<ToolCall>): number => {
  const scores = one.map((left) => other.map((right) => callLikeness(left, right)))
  const matched = bestPairing(scores).reduce((sum, column, row) => sum + (column < 0 ? 0 : scores[row]![column]!), 0)
  return matched / Math.max(one.length, other.length)
}

const textLikeness = (one: string, other: string): number => {
  if (one.trim() === other.trim()) return 1
  const [left, right] = [tokensOf(one), tokensOf(other)]
  return left.length + right.length === 0 ? 0 : tokenF1(left, right)
}

/**
 * How alike two answers to one request are, from 0 to 1, the same both ways round. Where either calls tools: the best one-to-one pairing of the
 * calls, each pair by the share of equal leaves, by the longer list. Where both are JSON objects or lists: the share of equal leaves. Else
 * words in common, whatever their order. It knows nothing of which answer is right.
 */
export const likeness = (one: Answer, other: Answer, request: CallRequest): number => {
  if (one.toolCalls.length + other.toolCalls.length > 0) return callsLikeness(one.toolCalls, other.toolCalls)
  const [left, right] = [jsonOf(one, request), jsonOf(other, request)]
  const isTree = (value: unknown) => typeof value === "object" && value !== null
  return Result.isSuccess(left) && Result.isSuccess(right) && isTree(left.success) && isTree(right.success)
    ? jsonLikeness(left.success, right.success)
    : textLikeness(one.text, other.text)
}
