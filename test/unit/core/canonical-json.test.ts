import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../src/core/canonical-json.ts'

describe('canonical JSON', () => {
  it('is the same whatever the order of the keys, and leaves out what is undefined', () => {
    const text = '{"a":[1,{"x":null,"y":"é"}],"b":{"c":true}}'
    expect(canonicalJson({ b: { c: true, d: undefined }, a: [1, { y: 'é', x: null }] })).toBe(text)
    expect(canonicalJson(JSON.parse(text))).toBe(text)
  })

  it('says what JSON.stringify says, and tells different values apart', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(JSON.parse(canonicalJson(a))).toEqual(JSON.parse(JSON.stringify(a)))
        const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
        expect(canonicalJson(a) === canonicalJson(b)).toBe(same)
      }),
    )
  })
})

/** Another form in which the order of keys does not matter. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return ['list', ...value.map(sorted)]
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([key, member]) => [key, sorted(member)])
  return ['object', ...members.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))]
}
