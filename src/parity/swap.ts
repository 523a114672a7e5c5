/**
 * A pair judged in both orders, each from the candidate's side (1: better, 1/2: a tie, 0: worse), as one score: the mean. Orders that name
 * different winners are `inconsistent`, and their mean is a half.
 */
export const mergeOrders = (
  first: number,
  second: number
): { readonly score: number; readonly inconsistent: boolean } => ({
  score: (first + second) / 2,
  inconsistent: (first - 0.5) * (second - 0.5) < 0
})
