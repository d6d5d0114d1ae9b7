/** A point on its way: `z` is moved in place, so that no step of it makes an object. */
export interface Orbit {
  zRe: number
  zIm: number
  cRe: number
  cIm: number
}

/**
 * How many steps z → z² + c it takes until |z| > 2, from where it surely escapes where |c| ≤ |z|; `limit` where it does not
 * within so many. `z` is then the number that it escaped to.
 */
export function escapeCount(orbit: Orbit, limit: number): number {
  const { cRe, cIm } = orbit
  let re = orbit.zRe
  let im = orbit.zIm
  // Brent's cycle detection: an orbit that comes back to exactly the same number never escapes.
  let seenRe = Number.NaN
  let seenIm = Number.NaN
  let lookAgainAt = 8
  let count = 0
  while (count < limit) {
    const squareRe = re * re
    const squareIm = im * im
    if (squareRe + squareIm > 4) break
    im = 2 * re * im + cIm
    re = squareRe - squareIm + cRe
    count += 1
    if (re === seenRe && im === seenIm) return limit
    if (count === lookAgainAt) {
      seenRe = re
      seenIm = im
      lookAgainAt *= 2
    }
  }
  orbit.zRe = re
  orbit.zIm = im
  return re * re + im * im > 4 ? count : limit
}

/** Far enough out for c not to matter any more. */
const farSquared = 2 ** 16

/**
 * The count with a fraction that makes it run evenly between points (the renormalised count: Linas Vepstas, "Renormalizing the
 * Mandelbrot escape", 1997), at least 0. Goes on with an orbit that has escaped.
 */
export function smoothCount(orbit: Orbit, count: number): number {
  let { zRe: re, zIm: im } = orbit
  let further = 0
  for (; re * re + im * im <= farSquared; further += 1) {
    const nextRe = re * re - im * im + orbit.cRe
    im = 2 * re * im + orbit.cIm
    re = nextRe
  }
  return Math.max(0, count + further + 1 - Math.log2(Math.log2(re * re + im * im) / 2))
}

/** Whether c lies in the main cardioid or the disc to its left: nine tenths of the Mandelbrot set. */
export function isInMainBulbs(cRe: number, cIm: number): boolean {
  const squareIm = cIm * cIm
  const fromCusp = cRe - 0.25
  const q = fromCusp * fromCusp + squareIm
  return q * (q + fromCusp) <= squareIm / 4 || (cRe + 1) * (cRe + 1) + squareIm <= 1 / 16
}
