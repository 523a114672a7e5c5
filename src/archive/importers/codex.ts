import type { Importer, Sample } from "../contract.ts"
import { objectIn } from "../json.ts"
import { isBareHead, isDocument, isWrapped } from "./codex/envelope.ts"
import { itemTypes } from "./codex/items.ts"
import { Rollout } from "./codex/rollout.ts"
import { Families } from "./codex/thread.ts"

const isItem = (value: unknown): boolean => {
  const type = objectIn(value)?.["type"]
  return typeof type === "string" && itemTypes.has(type) && !("sessionId" in objectIn(value)!)
}

const sniff = ({ file, first }: Sample): boolean => {
  const rows = first.map(objectIn).filter((row) => row !== undefined)
  const named = /(?:^|[\\/])rollout-[^\\/]*\.jsonl?(?:\.\w+)?$/.test(file)
  return (
    rows.some(isWrapped) ||
    (rows[0] !== undefined && isBareHead(rows[0])) ||
    rows.some((row) => isDocument(row) && (named || "instructions" in objectIn(row["session"])!)) ||
    (named && rows.some(isItem))
  )
}

/**
 * Codex's rollouts (`~/.codex/sessions`), in all shapes they have had. What was said, made and counted is in them, but not where a call
 * begins and ends: a call is what the model made in a row.
 */
export const codex: Importer = {
  id: "codex",
  about: "Codex rollouts (~/.codex/sessions)",
  sniff,
  start: () => {
    const families = new Families()
    return {
      open: (file) => new Rollout(file, families),
      end: () => []
    }
  }
}
