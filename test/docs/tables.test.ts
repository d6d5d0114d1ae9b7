import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generateDocs } from '../../scripts/generators/docs.ts'
import { projectRoot } from '../../scripts/run-command.ts'
import { settings } from '../../src/settings.ts'
import { errorCodes } from '../../src/core/errors.ts'

function read(path: string): string {
  return readFileSync(join(projectRoot, path), 'utf8')
}

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
    const rows = read('docs/errors.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
    const expected = Object.entries(errorCodes).map(
      ([code, { status, meaning }]) => `| \`${code}\` | ${status} | ${meaning} |`,
    )
    expect(rows).toEqual(expected)
  })
})
