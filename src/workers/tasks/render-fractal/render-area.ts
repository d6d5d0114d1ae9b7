import type { FractalInput } from './fractal-input.ts'
import { escapeCount, isInMainBulbs, smoothCount, type Orbit } from './orbit.ts'
import { palette, paletteSize } from './palettes.ts'

/** A rectangle of the picture, in pixels from its upper left corner. */
export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What rendering found out. */
export interface Tally {
  /** Steps z → z² + c up to the escape of all points, and the limit for those that never did. */
  iterations: number
  /** Points that did not escape. */
  inside: number
}

/** Looks whether to stop after so many steps: some 5 ms. */
const stepsPerCheck = 2_000_000

/** Renders areas of one picture. */
export interface AreaRenderer {
  /** Writes the colours of the area into the picture's pixels. */
  render(area: Area): void
  readonly tally: Tally
}

/** Three bytes a pixel go to `pixels`, which has all of the picture; `check` is called every few ms and may throw. */
export function createAreaRenderer(input: FractalInput, pixels: Uint8Array, check: () => void): AreaRenderer {
  const { width, height, samples } = input
  const colourAt = createColours(input)
  const escape = createEscape(input)
  const step = input.span / width
  const tally = { iterations: 0, inside: 0 }
  let checkAt = stepsPerCheck

  function renderPixel(x: number, y: number): void {
    let [red, green, blue] = [0, 0, 0]
    for (let sample = 0; sample < samples * samples; sample += 1) {
      const across = x - width / 2 + ((sample % samples) + 0.5) / samples
      const down = y - height / 2 + (Math.floor(sample / samples) + 0.5) / samples
      const value = escape(input.centre.re + across * step, input.centre.im - down * step, tally)
      if (value === null) continue
      const colour = colourAt(value)
      red += colour >>> 16
      green += (colour >>> 8) & 255
      blue += colour & 255
    }
    const at = 3 * (y * width + x)
    const points = samples * samples
    pixels[at] = Math.round(red / points)
    pixels[at + 1] = Math.round(green / points)
    pixels[at + 2] = Math.round(blue / points)
  }

  return {
    tally,
    render(area) {
      for (let y = area.y; y < area.y + area.height; y += 1) {
        for (let x = area.x; x < area.x + area.width; x += 1) {
          renderPixel(x, y)
          if (tally.iterations < checkAt) continue
          check()
          checkAt = tally.iterations + stepsPerCheck
        }
      }
    },
  }
}

/** How fast a point of the plane escapes, evenly; `null` for one that does not. Adds to the tally. */
function createEscape({
  set,
  constant,
  iterations,
}: FractalInput): (re: number, im: number, tally: Tally) => number | null {
  const orbit: Orbit = { zRe: 0.5, zIm: 0.5, cRe: 0.5, cIm: 0.5 }
  const isJulia = set === 'JULIA'
  return (re, im, tally) => {
    if (!isJulia && isInMainBulbs(re, im)) {
      tally.inside += 1
      return null
    }
    orbit.zRe = isJulia ? re : 0
    orbit.zIm = isJulia ? im : 0
    orbit.cRe = isJulia ? constant.re : re
    orbit.cIm = isJulia ? constant.im : im
    const count = escapeCount(orbit, iterations)
    tally.iterations += count
    if (count === iterations) {
      tally.inside += 1
      return null
    }
    return smoothCount(orbit, count)
  }
}

/** The colour for a count as one number, `0xrrggbb`. With the root, colours change slower the more steps a point takes. */
function createColours({ palette: name, colourCycles }: FractalInput): (count: number) => number {
  const bytes = palette(name)
  const colours = Uint32Array.from(
    { length: paletteSize },
    (_, i) => ((bytes[3 * i] ?? 0) << 16) | ((bytes[3 * i + 1] ?? 0) << 8) | (bytes[3 * i + 2] ?? 0),
  )
  const scale = (colourCycles * paletteSize) / Math.sqrt(100)
  return (count) => colours[Math.floor(Math.sqrt(count) * scale) % paletteSize] ?? 0
}
