import { evenStops, gradient } from '../pictures/gradient.ts'
import { inferno } from '../pictures/inferno.ts'

const levels = 256
const colours = gradient(evenStops(inferno), levels)

/** Writes the colours of a row's temperatures to its pixels, `scale.min` the darkest and `scale.max` the lightest. */
export function paintRow(
  temperatures: Float64Array,
  pixels: Uint8Array,
  { min, max }: { readonly min: number; readonly max: number },
): void {
  const factor = max > min ? (levels - 1) / (max - min) : 0
  for (let column = 0; column < temperatures.length; column += 1) {
    const level = Math.round(((temperatures[column] ?? min) - min) * factor)
    // Rounding may leave a temperature a hair outside the scale.
    const at = 3 * Math.min(levels - 1, Math.max(0, level))
    pixels[3 * column] = colours[at] ?? 0
    pixels[3 * column + 1] = colours[at + 1] ?? 0
    pixels[3 * column + 2] = colours[at + 2] ?? 0
  }
}
