import type { Check } from "../checks/contract.ts"
import type { OwnCheck } from "../checks/own.ts"
import type { checks } from "../checks/registry.ts"
import type { Axes } from "../domain/Setup.ts"
import type { Grader } from "../graders/contract.ts"
import type { Extract } from "../graders/extract.ts"
import type { OwnGrader } from "../graders/own.ts"
import type { graders } from "../graders/registry.ts"
import type { CallRow } from "../store/Archives.ts"

type Path = `./${string}` | `../${string}` | `/${string}`

/** One shape a registered plug-in, so that an editor knows the options of each; or a path to one's own. */
type Use<Plugins extends ReadonlyArray<Grader | Check>> =
  | {
      [I in keyof Plugins]: { readonly use: Plugins[I]["id"]; readonly options?: Plugins[I]["options"]["Encoded"] }
    }[number]
  | { readonly use: Path; readonly options?: unknown }

type Label = `label:${string}`
type Amount = number | string

/** What a run may spend, US dollars. */
export interface BudgetInput {
  /** In all: candidates, noise floor and judges. */
  readonly usd: number
  /** Of it, with judges at most. */
  readonly judgeUsd?: number
  /** Of it, with each setup at most. */
  readonly perSetupUsd?: number
}

/** US dollars per million tokens. */
export type PriceInput = {
  readonly input?: Amount
  readonly output?: Amount
  readonly cacheRead?: Amount
  /** Of any lifetime; the next two win over it. */
  readonly cacheWrite?: Amount
  readonly cacheWrite5m?: Amount
  readonly cacheWrite1h?: Amount
  /** Where reasoning is billed apart; default: as output. */
  readonly reasoning?: Amount
  /** Read in place of `input`. */
  readonly input_per_mtok?: Amount
  /** Read in place of `output`. */
  readonly output_per_mtok?: Amount
  /** Where the price is from, for the report. */
  readonly source?: string
}

/** Prices by model, or the path of a JSON file of that shape. */
export type PricesInput = Readonly<Record<string, PriceInput>> | string

/** What a model can take, in tokens; what is left out is not known, and is tried. */
export interface ModelInput {
  /** Input and output together. Default: the public price list's, where it has the model. */
  readonly context?: number
  /** Output at most. */
  readonly maxOutput?: number
  /** Images. */
  readonly vision?: boolean
  readonly tools?: boolean
  /** Answers held to a JSON schema. */
  readonly jsonSchema?: boolean
}

/** One account at one address. */
export interface ProviderInput {
  /** The wire it speaks: `openai`, `azure`, `anthropic`, `ollama`. */
  readonly kind: string
  /** Default: the vendor's own. With `azure` the endpoint of the resource; its models are named by their deployments. */
  readonly baseURL?: string
  /** With `openai` and `azure`: the endpoint that is asked. Default `chat`. */
  readonly api?: "chat" | "responses"
  /** With `azure`: the version of its API, such as `2024-10-21`. */
  readonly apiVersion?: string
  /** A file of PEM certificates to trust beside Node's own; relative to this file. Default: what `SSL_CERT_FILE` names. */
  readonly caFile?: string
  /** The environment variable that holds the key; the key itself must not stand in a file. */
  readonly apiKey?: `env:${string}`
  /** Calls at once: a number, or as many as the provider bears. Default `adaptive`. */
  readonly concurrency?: "adaptive" | number
  /** They win over the price book. */
  readonly prices?: PricesInput
  /** In place of `prices`, for a machine of one's own: US dollars an hour. Its answers are priced by the machine's time that they take. */
  readonly costPerHour?: Amount
  /** With `costPerHour`: the share of the paid hours in which the machine is taken to be at work, above 0 and at most 1. Default 0.5. */
  readonly utilisation?: Amount
  /** What a run may spend with it, US dollars; the suite's own budget holds beside it. */
  readonly budget?: { readonly usd: number }
  /** Milliseconds a call may take. Default 600,000. */
  readonly timeoutMs?: number
  /** By model: a case that it cannot take is counted, not sent. */
  readonly models?: Readonly<Record<string, ModelInput>>
  /** Only calls whose labels have one of these values may be sent there; the others are counted. */
  readonly mayReceive?: { readonly labels: Readonly<Record<string, string | ReadonlyArray<string>>> }
}

/** Setups to try: every combination of the values given. An axis that is left out keeps what the archived request had. */
export type SetupInput = {
  /** A name under `providers`, or `openai`, `anthropic`, `ollama`. */
  readonly provider: string
  readonly models: string | ReadonlyArray<string>
} & {
  readonly [K in keyof Axes]?: NonNullable<Axes[K]> | ReadonlyArray<NonNullable<Axes[K]>>
}

/**
 * Setups that are asked one after another: the next one where a rule says so, for the same request. The last may be the incumbent, which is asked as
 * for the noise floor. What a case costs is all that was asked for it.
 */
export interface CascadeInput {
  readonly cascade: ReadonlyArray<({ readonly provider: string; readonly model: string } & Axes) | "incumbent">
  /** Any one of them is enough. */
  readonly when: ReadonlyArray<RuleInput>
}

/**
 * When the next setup is asked. `checkFailed`: a check fails after the last repair round. `refusal`; `truncated`: cut short by a limit of tokens.
 * `agreementBelow`: a second answer of the setup is drawn, which is paid for, and is less like the first than this (calls of tools, JSON by
 * its leaves, else words in common; 0 to 1). `judgeBelow`: a judge that sees no original scores it below this; the setup pays for that.
 */
export type RuleInput =
  | "checkFailed"
  | "refusal"
  | "truncated"
  | { readonly agreementBelow: number }
  | {
      readonly judgeBelow: number
      readonly provider: string
      readonly model: string
      readonly criteria: ReadonlyArray<{
        readonly name: string
        readonly description: string
        readonly weight?: number
      }>
      /** The judge may be of the family of models whose answers it judges. Default false. */
      readonly ownFamily?: boolean
    }

/** How a check's failures are told to the model in repair rounds. */
export interface RepairInput {
  /** `{message}` stands for what the check says, `{check}` for its name. Default: both. */
  readonly message?: string
  /** Characters of what the check says, at most; its head and tail are kept. Default 4,000. */
  readonly limit?: number
}

/** What is replayed, how it is graded, and what may be tried. Paths are relative to the suite's file. */
export interface SuiteInput {
  /** Letters, digits, `.`, `_` and `-`. */
  readonly name: string
  /** An imported archive by its name, or the files to import first. */
  readonly archive: { readonly name: string } | { readonly paths: ReadonlyArray<string>; readonly format?: string }
  /** Which archived calls become cases. */
  readonly cases?: {
    readonly where?: {
      /** A day, which begins at midnight UTC, or a time with its zone. Calls from then on. */
      readonly since?: string
      /** A day, which is still in, or a time with its zone, which is not. */
      readonly until?: string
      /** Grades of fidelity. Default A and B. */
      readonly fidelity?: ReadonlyArray<"A" | "B" | "C">
      /** Models whose calls are taken. */
      readonly models?: ReadonlyArray<string>
      /** Values a label must have one of. */
      readonly labels?: Readonly<Record<string, string | ReadonlyArray<string>>>
    }
    /** The task type: a text. A call without the label is in the slice `no NAME`. Default: all calls are one slice. */
    readonly slice?: Label | ((call: CallRow) => string)
    /** What is resampled together. Default: the session, else the trajectory, else the call. */
    readonly cluster?: "session" | "trajectory" | "call" | Label
    /** A random sample instead of all cases. */
    readonly sample?: {
      /** Cases, about: sessions are taken whole. */
      readonly size: number
      /** Draws within each slice in proportion to its cases. */
      readonly by?: "slice"
      /** Default 7. */
      readonly seed?: number
    }
    /** Answers that are known to be right: JSON lines `{ key, expected }`. The key is a label of the call, by default the id that the log gives the call. */
    readonly references?: { readonly path: string; readonly key?: Label | "id" }
  }
  /** Default: the archive's commonest. */
  readonly incumbent?: { readonly provider: string; readonly model: string }
  /** How often the incumbent is asked again for each case; `skip`: it can no longer be asked. Default once. */
  readonly noiseFloor?: { readonly repeats: number } | "skip"
  /** `openai`, `anthropic` and `ollama` need no entry. */
  readonly providers?: Readonly<Record<string, ProviderInput>>
  readonly setups: ReadonlyArray<SetupInput | CascadeInput>
  /** What a repair round is made for, and what selects among samples. */
  readonly checks?: ReadonlyArray<Use<typeof checks> & { readonly repair?: RepairInput }>
  /** Each gates unless it says `report: true`. A check listed here gates with 1 and 0. */
  readonly graders: ReadonlyArray<GraderUse>
  /** How much worse, in score points of [0,1], still counts as no worse (default 0.05), and the risk of being wrong (default 0.05). */
  readonly parity?: { readonly margin?: number; readonly alpha?: number }
  /** Whether answers are streamed: `auto` (the default) where the archived call was. It changes times, never which answers are cached. */
  readonly stream?: "auto" | boolean
  /** Time to first token is compared too: every answer is streamed, whatever the archived call was, and stands beside the incumbent's. Default false; not together with `stream: false`. */
  readonly timeToFirstToken?: boolean
  /** A parameter that a target refuses, such as a temperature: asked without and noted on the output (`drop`, the default), or the case counts as one that cannot be sent. */
  readonly refusedParameters?: "drop" | "refuse"
  /**
   * How commands that checks run are kept apart from this machine: `required` (the default), in a sandbox or not at all; in a container of
   * the image named; or `none`, without, on one's own responsibility.
   */
  readonly isolation?:
    | "required"
    | "none"
    | { readonly container: { readonly runtime: string; readonly image: string } }
  /** The run stops, before anything is paid for, when a larger share of originals fails a check: the check is broken then, not the models. Default 0.5. */
  readonly checkTrial?: { readonly maxOriginalFailures?: number }
  /** How many cases each judge judges once more, to see whether it says the same again; paid for as judging is. Default 20; 0: none, and no foils are put before it either. */
  readonly judgeTrial?: { readonly repeats?: number }
  /** What the run may spend. */
  readonly budget?: BudgetInput
  /** Left out: the default strategy of the version. */
  readonly climb?: { readonly strategy: string; readonly options?: unknown }
}
/** A grader inside another, without `report`. */
type PartUse = (Use<typeof graders> | Use<typeof checks> | CombinedUse) & {
  /**
   * What is graded of output, original and reference, in place of the whole answer: a place in its JSON, a match of a pattern, the last number, the
   * first fenced block. An output without it scores 0; a reference without it is taken as it is.
   */
  readonly extract?: typeof Extract.Encoded
}

/** A grader made of others. `all`: the lowest score, `any`: the highest, `first`: of the first that can tell; a weighted mean; another for each slice. */
type CombinedUse =
  | { readonly use: "all" | "any" | "first"; readonly options: { readonly of: ReadonlyArray<PartUse> } }
  | {
      readonly use: "weighted"
      readonly options: { readonly of: ReadonlyArray<PartUse & { readonly weight: number }> }
    }
  | {
      readonly use: "bySlice"
      readonly options: { readonly slices: Readonly<Record<string, PartUse>>; readonly otherwise?: PartUse }
    }

type GraderUse = PartUse & {
  /** Reported, but no gate. */
  readonly report?: boolean
}

/** What a team shares between suites, in `understudy.config.ts`; a suite wins over it. Paths are relative to its file. */
export interface ConfigInput {
  readonly providers?: Readonly<Record<string, ProviderInput>>
  /** By provider, then by model: prices agreed with a vendor. */
  readonly prices?: Readonly<Record<string, PricesInput>>
  /** What a run may spend where its suite does not say. */
  readonly budget?: BudgetInput
}

/** Checks a suite's shape while it is being written; it is checked again, with its values, when it is read. */
export const defineSuite = (suite: SuiteInput): SuiteInput => suite

/** Checks a config's shape while it is being written. */
export const defineConfig = (config: ConfigInput): ConfigInput => config

/**
 * A grader of one's own, to be the default export of a file that a suite names by path. An answer that it does not grade within
 * 60 s, or on which it throws, is ungraded and counted. Eight of a suite's functions run at a time.
 */
export const defineGrader = <Options = unknown>(grader: OwnGrader<Options>): OwnGrader<Options> => grader

/**
 * A check of one's own, to be the default export of a file that a suite names by path. Where it takes more than 60 s, or throws,
 * it counts as broken: as no fault of the answer, and not worth a repair round. Eight of a suite's functions run at a time.
 */
export const defineCheck = <Options = unknown>(check: OwnCheck<Options>): OwnCheck<Options> => check
