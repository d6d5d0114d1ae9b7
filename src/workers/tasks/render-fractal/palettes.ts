import { z } from '../../../task.ts'
import { evenStops, gradient, type Stop } from '../pictures/gradient.ts'
import { inferno } from '../pictures/inferno.ts'

export const paletteName = z.enum(['CLASSIC', 'EMBER', 'OCEAN', 'AURORA', 'GREY'])

type PaletteName = z.output<typeof paletteName>

/** Each begins and ends with one colour, because the palette comes round. */
const stops = {
  // As in Wikipedia's pictures of the Mandelbrot set, which took it from the program Ultra Fractal.
  CLASSIC: [
    [0, '000764'],
    [0.16, '206bcb'],
    [0.42, 'edffff'],
    [0.6425, 'ffaa00'],
    [0.8575, '000200'],
    [1, '000764'],
  ],
  EMBER: evenStops([...inferno, ...inferno.toReversed().slice(1)]),
  OCEAN: evenStops(['020b2d', '06365f', '0b7a94', '4fc3c0', 'e8fbef', '7cc6b8', '155d7e', '020b2d']),
  AURORA: evenStops(['0b0c1e', '1b4b5a', '2fa36b', 'd8f07a', 'f7d6e0', 'b05cc6', '4a2377', '0b0c1e']),
  GREY: evenStops(['000000', 'ffffff', '000000']),
} as const satisfies Record<PaletteName, readonly Stop[]>

/** Colours in a palette. */
export const paletteSize = 2_048

/** The palette's colours in equal steps, as red, green and blue bytes. */
export function palette(name: PaletteName): Uint8Array {
  return gradient(stops[name], paletteSize)
}
