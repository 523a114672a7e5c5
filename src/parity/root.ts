/**
 * The point in [low, high] where `f` changes sign, by Brent's method (Brent 1973, *Algorithms for minimization without
 * derivatives*, chapter 4): inverse quadratic interpolation and secant steps, bisection wherever they do not gain.
 * The answer is within `tolerance` plus a few units of rounding. Throws a RangeError where `f` has one sign at both ends.
 */
export const root = (f: (x: number) => number, low: number, high: number, tolerance = 1e-13): number => {
  let a = low
  let fa = f(a)
  let b = high
  let fb = f(b)
  if (!(fa * fb <= 0)) throw new RangeError(`no change of sign between ${low} (${fa}) and ${high} (${fb})`)
  let c = a
  let fc = fa
  let last = b - a
  let step = last
  for (;;) {
    if (fb > 0 === fc > 0) {
      c = a
      fc = fa
      last = b - a
      step = last
    }
    if (Math.abs(fc) < Math.abs(fb)) {
      a = b
      b = c
      c = a
      fa = fb
      fb = fc
      fc = fa
    }
    const enough = 2 * Number.EPSILON * Math.abs(b) + tolerance / 2
    const half = (c - b) / 2
    if (Math.abs(half) <= enough || fb === 0) return b
    if (Math.abs(last) >= enough && Math.abs(fa) > Math.abs(fb)) {
      const s = fb / fa
      let p = 2 * half * s
      let q = 1 - s
      if (a !== c) {
        const r = fb / fc
        const t = fa / fc
        p = s * (2 * half * t * (t - r) - (b - a) * (r - 1))
        q = (t - 1) * (r - 1) * (s - 1)
      }
      if (p > 0) q = -q
      else p = -p
      if (2 * p < Math.min(3 * half * q - Math.abs(enough * q), Math.abs(last * q))) {
        last = step
        step = p / q
      } else {
        last = half
        step = half
      }
    } else {
      last = half
      step = half
    }
    a = b
    fa = fb
    b += Math.abs(step) > enough ? step : half > 0 ? enough : -enough
    fb = f(b)
  }
}
