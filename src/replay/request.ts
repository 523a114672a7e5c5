import type { CallRequest } from "../domain/Call.ts"
import type { ReplayCase } from "../domain/Case.ts"
import type { Loss } from "../domain/Output.ts"
import type { Axes, Setup } from "../domain/Setup.ts"

/**
 * The archived request as a setup sends it: same messages, tools and format, the setup's model, and its axes where they say something.
 * One answer is asked for, whatever the original asked for. Where the original names no limit of output tokens,
 * max(4096, 4 x its archived output) is sent.
 */
export const requestFor = (archived: ReplayCase, model: string, axes: Axes): CallRequest => {
  const { n: _n, stream: _stream, maxTokensField: _field, ...params } = archived.request.params
  const reasoning =
    axes.reasoningEffort === undefined ? params.reasoning : { ...params.reasoning, effort: axes.reasoningEffort }
  return {
    ...archived.request,
    model,
    params: {
      ...params,
      maxOutputTokens: axes.maxTokens ?? params.maxOutputTokens ?? Math.max(4096, 4 * archived.outputTokens),
      ...(archived.request.params.maxTokensField === undefined || axes.maxTokens !== undefined
        ? {}
        : { maxTokensField: archived.request.params.maxTokensField }),
      ...(axes.temperature === undefined ? {} : { temperature: axes.temperature }),
      ...(axes.topP === undefined ? {} : { topP: axes.topP }),
      ...(reasoning === undefined ? {} : { reasoning })
    }
  }
}

/** What {@link requestFor} leaves out of what the archived call asked for. */
export const leftOut = ({ request: { params } }: ReplayCase): ReadonlyArray<Loss> =>
  (params.n ?? 1) === 1 ? [] : [{ what: "n", why: `${params.n} answers were asked for; one is` }]

/** The request of a setup for a case. */
export const setupRequest = (archived: ReplayCase, setup: Setup): CallRequest =>
  requestFor(archived, setup.model, setup.axes)

/** The incumbent asked again: the archived configuration as it was, under the model's present name. */
export const floorRequest = (archived: ReplayCase, model: string): CallRequest => requestFor(archived, model, {})
