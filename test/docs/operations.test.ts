import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { alertKinds } from '../../src/core/alerts.ts'

describe('the page for operators', () => {
  it('says of each alert what to do, in the order of the table', () => {
    const page = readFileSync('docs/operations.md', 'utf8')
    const headings = [...page.matchAll(/^### ([A-Z]+(?:_[A-Z]+)*)\n\n(?=\w)/gm)].map(([, kind]) => kind)
    expect(headings).toEqual(Object.keys(alertKinds))
  })
})
