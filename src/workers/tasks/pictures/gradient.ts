/** A colour as six hexadecimal digits, at a place between 0 and 1. */
export type Stop = readonly [place: number, colour: string]

/** Colours in even steps from 0 to 1 as red, green and blue bytes, straight lines between the stops, which stand in order. */
export function gradient(stops: readonly Stop[], steps: number): Uint8Array {
  const colours = new Uint8Array(3 * steps)
  for (let step = 0; step < steps; step += 1) {
    const place = step / (steps - 1)
    const after = stops.findIndex(([at]) => at >= place)
    const [to, toColour] = stops.at(after) ?? [1, '000000']
    const [from, fromColour] = stops[Math.max(0, after - 1)] ?? [0, '000000']
    const share = after <= 0 ? 1 : (place - from) / (to - from)
    const before = bytesOf(fromColour)
    colours.set(
      bytesOf(toColour).map((byte, i) => Math.round((before[i] ?? 0) * (1 - share) + byte * share)),
      3 * step,
    )
  }
  return colours
}

/** Stops with equal distances from 0 to 1. */
export function evenStops(colours: readonly string[]): readonly Stop[] {
  return colours.map((colour, i) => [i / (colours.length - 1), colour])
}

function bytesOf(colour: string): readonly number[] {
  return [0, 2, 4].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
}
