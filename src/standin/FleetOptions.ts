import type * as Redacted from "effect/Redacted"

import type { FaultRule } from "./faults.ts"
import type { Latency, Profile } from "./Profile.ts"

/** What a fleet serves, and how. */
export interface FleetOptions {
  /** Default: the bundled models. */
  readonly profiles?: ReadonlyArray<Profile>
  /** 0, the default: any free port. */
  readonly port?: number
  /** Of models whose profile says nothing else; default: none. */
  readonly latency?: Latency
  readonly faults?: ReadonlyArray<FaultRule>
  /** Of the faults; default 1. The answers do not depend on it. */
  readonly seed?: number
  /** Where given, requests without it are refused. */
  readonly apiKey?: Redacted.Redacted<string>
}
