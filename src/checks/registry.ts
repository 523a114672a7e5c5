import { command } from "./command.ts"
import { html } from "./html.ts"
import { jsonSchema } from "./jsonSchema.ts"
import { regex } from "./regex.ts"
import { sql } from "./sql.ts"
import { toolArguments } from "./toolArguments.ts"
import { xml } from "./xml.ts"

/** The checks there are. To add one: write its file, then name it here. */
export const checks = [jsonSchema, command, toolArguments, regex, sql, xml, html] as const
