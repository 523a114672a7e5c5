import { root } from "./root.ts"

/** Value at `x` of the polynomial with these coefficients, the highest power first. */
const polynomial = (x: number, coefficients: ReadonlyArray<number>): number => {
  let value = 0
  for (let k = 0; k < coefficients.length; k++) value = value * x + coefficients[k]!
  return value
}

const rootTwoPi = 2.5066282746310002
const logRootTwoPi = 0.9189385332046727

// Rational approximations of the normal tail: Cody 1969, Math. Comp. 23, as in his ANORM (1993, ACM TOMS 19).
const centre = {
  up: [0.06568233791820745, 2.2352520354606837, 161.02823106855587, 1067.6894854603709, 18154.98125334356],
  down: [1, 47.202581904688245, 976.0985517377767, 10260.932208618979, 45507.78933502673]
}
const flank = {
  up: [
    1.0765576773720192e-8, 0.39894151208813466, 8.883149794388377, 93.50665613217785, 597.2702763948002,
    2494.5375852903726, 6848.190450536283, 11602.65143764735, 9842.714838383978
  ],
  down: [
    1, 22.266688044328117, 235.387901782625, 1519.3775994075547, 6485.558298266761, 18615.571640885097,
    34900.95272114598, 38912.00328609327, 19685.429676859992
  ]
}
const far = {
  up: [
    0.023073441764940174, 0.215898534057957, 0.12740116116024736, 0.022235277870649807, 0.0014216191932278934,
    2.9112874951168793e-5
  ],
  down: [1, 1.284260096144911, 0.4682382124808651, 0.06598813786892856, 0.0037823963320275824, 7.297515550839662e-5]
}

/** Mills' ratio times the density's constant: P(Z > y) = exp(-y^2/2) * mills(y), for y > 0.67. */
const mills = (y: number): number => {
  if (y < 5.656854) return polynomial(y, flank.up) / polynomial(y, flank.down)
  const v = 1 / (y * y)
  return (1 / rootTwoPi - (v * polynomial(v, far.up)) / polynomial(v, far.down)) / y
}

/** P(Z > y) for y > 0.67; the square is split so that exp keeps its digits far out. */
const tail = (y: number): number => {
  if (y === Infinity) return 0
  const near = Math.trunc(y * 16) / 16
  return Math.exp((-near * near) / 2) * Math.exp((-(y - near) * (y + near)) / 2) * mills(y)
}
const middle = (x: number): number => (x * polynomial(x * x, centre.up)) / polynomial(x * x, centre.down)

/** P(Z <= x) of the standard normal, full relative precision in the lower tail. */
export const normalCdf = (x: number): number =>
  Math.abs(x) <= 0.67448975 ? 0.5 + middle(x) : x < 0 ? tail(-x) : 1 - tail(x)

/** P(Z > x) of the standard normal, full relative precision in the upper tail. */
export const normalSf = (x: number): number => normalCdf(-x)

/** log P(Z <= x), finite where the probability itself underflows. */
export const normalLogCdf = (x: number): number =>
  x < -5 ? (-x * x) / 2 + Math.log(mills(-x)) : x < 0 ? Math.log(normalCdf(x)) : Math.log1p(-normalCdf(-x))

const quantileCentre = {
  up: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
    133.14166789178438, 3.3871328727963665
  ],
  down: [
    5226.495278852546, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
    42.31333070160091, 1
  ]
}
const quantileFlank = {
  up: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835
  ],
  down: [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1
  ]
}
const quantileFar = {
  up: [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
    1.7848265399172913, 5.463784911164114, 6.657904643501103
  ],
  down: [
    2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615,
    0.1369298809227358, 0.599832206555888, 1
  ]
}

/** The standard normal quantile of p in [0, 1] (Wichura 1988, algorithm AS 241, 16 digits). */
export const normalQuantile = (p: number): number => {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN
  const q = p - 0.5
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q
    return (q * polynomial(r, quantileCentre.up)) / polynomial(r, quantileCentre.down)
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p))
  const z =
    r <= 5
      ? polynomial(r - 1.6, quantileFlank.up) / polynomial(r - 1.6, quantileFlank.down)
      : polynomial(r - 5, quantileFar.up) / polynomial(r - 5, quantileFar.down)
  return q < 0 ? -z : z
}

/** What Stirling's formula leaves out of log gamma(x), x >= 10. */
const stirlingRest = (x: number): number => {
  const v = 1 / (x * x)
  return polynomial(v, [1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12]) / x
}

const logGamma = (x: number): number => {
  let y = x
  let product = 1
  for (; y < 10; y++) product *= y
  return (y - 0.5) * Math.log(y) - y + logRootTwoPi + stirlingRest(y) - Math.log(product)
}

/** log B(a, b) without the cancellation of large log gammas. */
const logBeta = (a: number, b: number): number => {
  const p = Math.min(a, b)
  const q = Math.max(a, b)
  if (q < 10) return logGamma(p) + logGamma(q) - logGamma(p + q)
  const rest = stirlingRest(q) - stirlingRest(p + q)
  const share = p / (p + q)
  if (p < 10) return logGamma(p) + rest + p - p * Math.log(p + q) + (q - 0.5) * Math.log1p(-share)
  return logRootTwoPi - Math.log(q) / 2 + stirlingRest(p) + rest + (p - 0.5) * Math.log(share) + q * Math.log1p(-share)
}

/** The continued fraction of the incomplete beta function (DLMF 8.17.22) by the modified Lentz method; fast for x < (a+1)/(a+b+2). */
const betaFraction = (x: number, a: number, b: number): number => {
  const tiny = 1e-300
  let d = 1 / (1 - ((a + b) * x) / (a + 1) || tiny)
  let c = 1
  let h = d
  for (let m = 1; ; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / (1 + even * d || tiny)
    c = 1 + even / c || tiny
    h *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / (1 + odd * d || tiny)
    c = 1 + odd / c || tiny
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-15) return h
  }
}

/** The regularised incomplete beta function; `y` is 1 - x, given apart so that neither loses its digits. */
const incompleteBeta = (x: number, y: number, a: number, b: number): number => {
  if (x <= 0) return 0
  if (y <= 0) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(y, x, b, a)
  const log = (value: number, other: number) => (value < 0.5 ? Math.log(value) : Math.log1p(-other))
  return (Math.exp(a * log(x, y) + b * log(y, x) - logBeta(a, b)) * betaFraction(x, a, b)) / a
}

/** P(X <= x) of the beta distribution with shapes a, b > 0. */
export const betaCdf = (x: number, a: number, b: number): number => incompleteBeta(x, 1 - x, a, b)

/** The quantile of p in [0, 1] of the beta distribution with shapes a, b > 0. */
export const betaQuantile = (p: number, a: number, b: number): number => {
  if (!(p > 0 && p < 1)) return p === 0 || p === 1 ? p : NaN
  return root((x) => betaCdf(x, a, b) - p, 0, 1, 0)
}

/** P(T <= x) of Student's t; `df` > 0 need not be whole, and may be Infinity (the normal). Full relative precision in the lower tail. */
export const tCdf = (x: number, df: number): number => {
  if (df === Infinity) return normalCdf(x)
  if (Math.abs(x) === Infinity) return x < 0 ? 0 : 1
  const square = x * x
  const half = incompleteBeta(df / (df + square), square / (df + square), df / 2, 0.5) / 2
  return x < 0 ? half : 1 - half
}

/** P(T > x) of Student's t, full relative precision in the upper tail. */
export const tSf = (x: number, df: number): number => tCdf(-x, df)

/** The quantile of p in [0, 1] of Student's t; `df` as in {@link tCdf}. */
export const tQuantile = (p: number, df: number): number => {
  if (p > 0.5) return -tQuantile(1 - p, df)
  const z = normalQuantile(p)
  if (df === Infinity || p === 0 || p === 0.5 || Number.isNaN(p)) return z
  // The t has the heavier tails: its quantile lies outside the normal's.
  let low = 2 * z
  while (tCdf(low, df) > p) low *= 4
  return root((x) => Math.log(tCdf(x, df) / p), low, z, 0)
}
