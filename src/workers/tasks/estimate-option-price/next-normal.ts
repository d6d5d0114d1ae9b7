import { nextInt32, type Xoshiro128 } from './xoshiro128.ts'

/**
 * The ziggurat of Marsaglia and Tsang, "The ziggurat method for generating random variables", Journal of Statistical Software
 * 5 (2000), with Doornik's repair (2005) that layer and position come from different bits. 128 layers of equal area.
 */
const layers = 128
/** Where the lowest layer ends and the tail begins, and the area of each layer. */
const tailStart = 3.442619855899
const layerArea = 9.91256303526217e-3

/** The right edge of each layer, and the share of a layer that lies under the curve whatever its height. */
const edges = new Float64Array(layers + 1)
const inside = new Float64Array(layers)
const heightAt = (x: number): number => Math.exp(-0.5 * x * x)

edges[0] = layerArea / heightAt(tailStart)
edges[1] = tailStart
for (let i = 2; i < layers; i += 1) {
  const below = edges[i - 1] ?? 0
  edges[i] = Math.sqrt(-2 * Math.log(layerArea / below + heightAt(below)))
}
edges[layers] = 0
for (let i = 0; i < layers; i += 1) inside[i] = (edges[i + 1] ?? 0) / (edges[i] ?? 1)

/** A number from the standard normal distribution. 98.8 of 100 take two random numbers and no logarithm. */
export function nextNormal(state: Xoshiro128): number {
  for (;;) {
    const bits = nextInt32(state)
    const layer = bits & (layers - 1)
    // 53 bits: 32 of the second number, 21 of the first, none of which chose the layer.
    const position = nextInt32(state) * 2 ** -31 + (bits >>> 11) * 2 ** -52
    if (Math.abs(position) < (inside[layer] ?? 0)) return position * (edges[layer] ?? 0)
    const far = layer === 0 ? tail(state, position < 0) : underTheCurve(state, layer, position * (edges[layer] ?? 0))
    if (far !== null) return far
  }
}

/** The point, if one drawn from the layer's height at random lies under the curve. */
function underTheCurve(state: Xoshiro128, layer: number, x: number): number | null {
  const top = heightAt(edges[layer + 1] ?? 0)
  const bottom = heightAt(edges[layer] ?? 0)
  return bottom + nextUniform(state) * (top - bottom) < heightAt(x) ? x : null
}

/** Marsaglia's way beyond `tailStart`. */
function tail(state: Xoshiro128, negative: boolean): number {
  for (;;) {
    const x = Math.log(nextUniform(state)) / tailStart
    const y = Math.log(nextUniform(state))
    if (-2 * y > x * x) return negative ? x - tailStart : tailStart - x
  }
}

/** Above 0 and below 1. */
function nextUniform(state: Xoshiro128): number {
  return ((nextInt32(state) >>> 0) + 0.5) * 2 ** -32
}
