import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { requirements } from './requirements.ts'

const tests = new URL('../../', import.meta.url)

describe('the requirements of accounts', () => {
  it.each(Object.entries(requirements))('have the tests that show number %s', async (_number, { shownBy }) => {
    expect(Object.keys(shownBy)).not.toEqual([])
    for (const [file, titles] of Object.entries(shownBy)) {
      const source = await readFile(new URL(file, tests), 'utf8')
      const found = titles.filter((title) => declares(title).test(source))
      expect([file, found]).toEqual([file, [...titles]])
    }
  })
})

/** A test of that title: of `it(…)`, or of a table by `it.each(…)(…)`; not one that is commented out. */
function declares(title: string): RegExp {
  const literal = title.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  return new RegExp(`^(?!\\s*//).*(it\\(|\\)\\()\\s*'${literal}'`, 'm')
}
