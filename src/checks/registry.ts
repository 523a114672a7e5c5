import { jsonSchema } from "./jsonSchema.ts"

/** The checks there are. To add one: write its file, then name it here. */
export const checks = [jsonSchema] as const
