import { normalQuantile } from "./distributions.ts"

/** What a judge's pass rate is worth, and how often the judge is right, by people's labels. */
export interface JudgedRate {
  /** Share that the judge passes, of how many items. */
  readonly rate: number
  readonly items: number
  /** Share of what people pass that the judge passes (sensitivity), and of what they fail that it fails (specificity), of how many labels each. */
  readonly sensitivity: number
  readonly passed: number
  readonly specificity: number
  readonly failed: number
}

/**
 * The pass rate that people would give, from a judge's (Rogan and Gladen 1978), with its interval by the delta method at confidence
 * `level`, held to [0, 1]. For display only: wide, and senseless where the judge is hardly better than chance; `null` where it is no better.
 */
export const roganGladen = (
  { failed, items, passed, rate, sensitivity, specificity }: JudgedRate,
  level = 0.95
): { readonly estimate: number; readonly lower: number; readonly upper: number; readonly se: number } | null => {
  const better = sensitivity + specificity - 1
  if (!(better > 0)) return null
  const raw = (rate + specificity - 1) / better
  const variance =
    ((rate * (1 - rate)) / items +
      (raw ** 2 * sensitivity * (1 - sensitivity)) / passed +
      ((1 - raw) ** 2 * specificity * (1 - specificity)) / failed) /
    better ** 2
  const se = Math.sqrt(variance)
  const z = normalQuantile(0.5 + level / 2)
  const held = (value: number) => Math.min(1, Math.max(0, value))
  return { estimate: held(raw), lower: held(raw - z * se), upper: held(raw + z * se), se }
}
