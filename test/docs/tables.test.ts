import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generateDocs } from '../../scripts/generators/docs.ts'
import { startCodes } from '../../scripts/generators/start-codes.ts'
import { projectRoot } from '../../scripts/run-command.ts'
import { settings } from '../../src/settings/settings.ts'
import { errorCodes } from '../../src/core/errors.ts'

function read(path: string): string {
  return readFileSync(join(projectRoot, path), 'utf8')
}

/** A fault of the program, an error that another one replaces, and what goes over the line between processes. */
const neverTold = ['SCHEMA_NOT_GUARDED', 'SEAL_BROKEN', 'TIMED_OUT', 'NOT_THERE']

describe('tables in documents', () => {
  it('are what `npm run docs` would write', () => {
    const generated = generateDocs()
    expect([...generated.keys()]).toEqual(expect.arrayContaining(['docs/errors.md', 'docs/settings.md']))
    expect(new Map([...generated.keys()].map((path) => [path, read(path)]))).toEqual(generated)
  })

  it('name every setting with what it accepts, its default and what it does', () => {
    const rows = read('docs/settings.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
    expect(rows).toHaveLength(Object.keys(settings).length)
    for (const [index, [name, setting]] of Object.entries(settings).entries()) {
      expect(rows[index]).toContain(`\`${name}\``)
      for (const part of [setting.accepts, setting.default, setting.about]) expect(rows[index]).toContain(part)
    }
  })

  it('name every error code with its status and meaning', () => {
    const [refusals = '', starts = ''] = read('docs/errors.md').split('<!-- /table -->')
    const rowsOf = (text: string) => text.split('\n').filter((line) => line.startsWith('| `'))
    const expected = Object.entries(errorCodes).map(
      ([code, { status, meaning }]) => `| \`${code}\` | ${status} | ${meaning} |`,
    )
    expect(rowsOf(refusals)).toEqual(expected)
    expect(rowsOf(starts)).toEqual(Object.entries(startCodes).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`))
  })

  it('name every code that an error class of the source has', () => {
    const sources = globSync('src/**/*.ts', { cwd: projectRoot }).map(read)
    const told = sources.flatMap((text) => {
      const own = /\bextends Error\b/.test(text) ? [...text.matchAll(/\bcode(?::| =) ([^\n]+)|Code = ([^\n]+)/g)] : []
      const made = [...text.matchAll(/new StartError\(\s*('\w+')/g)]
      return [...own, ...made].flatMap(([line]) => line.match(/(?<=')[A-Z]+(?:_[A-Z]+)+(?=')/g) ?? [])
    })
    expect(told.length).toBeGreaterThan(15)
    const named = new Set([...Object.keys(startCodes), ...Object.keys(errorCodes), ...neverTold])
    expect(told.filter((code) => !named.has(code))).toEqual([])
    // And none that nothing has.
    expect(Object.keys(startCodes).filter((code) => !told.includes(code))).toEqual([])
  })
})
