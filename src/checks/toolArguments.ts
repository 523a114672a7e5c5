import * as Schema from "effect/Schema"

import { type Checked, type CheckInput, check } from "./contract.ts"
import { compileSchema } from "./schemas.ts"

/** Faults named in a message; a model mends a few at a time. */
const shown = 5

type Validate = ReturnType<typeof compileSchema>

/**
 * Passes when every tool call of the answer names a tool that was offered, with arguments that fit its input schema. The
 * message names each fault with its call and place. Where no tools were offered and none is called, and where it is not
 * recorded which were, there is nothing to check (`applies: false`).
 */
export const toolArguments = check({
  id: "toolArguments",
  about: "every tool call names an offered tool, with arguments that fit its schema",
  options: Schema.Struct({}),
  make() {
    const compiled = new WeakMap<object, Validate>()
    const validateOf = (schema: unknown): Validate => {
      if (typeof schema !== "object" || schema === null) return compileSchema(schema)
      const validate = compiled.get(schema) ?? compileSchema(schema)
      compiled.set(schema, validate)
      return validate
    }
    return ({ case: { request }, output: { toolCalls } }: CheckInput): Checked => {
      const { tools } = request
      if (tools === null) return { pass: true, message: "it is not recorded which tools were offered", applies: false }
      if (tools.length + toolCalls.length === 0) {
        return { pass: true, message: "no tools were offered and none is called", applies: false }
      }
      const faults = toolCalls.flatMap(({ arguments: given, error, name }, i) => {
        const at = `call ${i + 1} of ${name}`
        const tool = tools.find((one) => one.name === name)
        if (tool === undefined) {
          const names = tools.map((one) => one.name).join(", ")
          return [`${at}: there is no such tool${names === "" ? "; none was offered" : `; there are ${names}`}`]
        }
        if (error !== undefined) return [`${at}: the arguments are no JSON: ${error}`]
        return validateOf(tool.inputSchema)(given).map(
          (fault) => `${at}: ${fault.replace(/^the answer\b/, "the arguments")}`
        )
      })
      if (faults.length === 0) return { pass: true, message: "the calls fit their tools" }
      const more = faults.length > shown ? `; and ${faults.length - shown} more` : ""
      return { pass: false, message: `The tool calls cannot be run: ${faults.slice(0, shown).join("; ")}${more}` }
    }
  }
})
