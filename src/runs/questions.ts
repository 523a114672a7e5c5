import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { plainLine } from "../report/plain.ts"

/** Leaving a question ends the command. */
const asked = <A>(prompt: Prompt.Prompt<A>) =>
  Effect.mapError(prompt, () => new Fault({ kind: "interrupted", sentence: "stopped; nothing was written" }))

/** Asks for one of several; foreign text is shown without control characters. */
export const choose = <A>(
  message: string,
  choices: ReadonlyArray<{ readonly title: string; readonly value: A; readonly description?: string }>
) => asked(Prompt.Select({ message, choices: choices.map((one) => ({ ...one, title: plainLine(one.title) })) }))

/** Asks for a text. `wrong` says what is wrong with an answer; `undefined`: nothing. */
export const write = (message: string, given: string | undefined, wrong: (text: string) => string | undefined) =>
  asked(
    Prompt.String({
      message,
      ...(given === undefined ? {} : { default: given }),
      validate: (text) => {
        const fault = wrong(text)
        return fault === undefined ? Effect.succeed(text) : Effect.fail(fault)
      }
    })
  )
