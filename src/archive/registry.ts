import type { Importer } from "./contract.ts"
import { litellm } from "./importers/litellm.ts"
import { pair } from "./importers/pair.ts"

/** All importers. One that reads a special shape stands before one that reads a general shape. */
export const importers: ReadonlyArray<Importer> = [litellm, pair]

/** The choices of `--format`. */
export const formatChoices: ReadonlyArray<string> = ["auto", ...importers.map((importer) => importer.id)]
