import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../../scripts/run-command.ts'

/** How many lines above a cast its comment may stand. */
const reach = 3

/** The lines that cast (`as`, but not `as const`) without a comment that says why, counted from 1. */
function silentCasts(text: string): readonly number[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => {
    const isCast = /\bas (?!const\b)[A-Za-z{([]/.test(codeOf(line)) && !/^\s*(import|export) (type )?[{*]/.test(line)
    const above = lines.slice(Math.max(0, index - reach), index + 1)
    return isCast && !above.some((near) => /\/\/|\*\//.test(near)) ? [index + 1] : []
  })
}

/** The line without its strings and comments, and without a name that is imported as another. */
function codeOf(line: string): string {
  return line.replaceAll(/'[^']*'|`[^`]*`|\/\/.*|^\s*\*.*|\/\*.*/g, '').replace(/^\s*\w+ as \w+,?$/, '')
}

describe('casts', () => {
  it('say why they are right', () => {
    const files = globSync('{src,client}/**/*.ts', { cwd: projectRoot })
    expect(files.length).toBeGreaterThan(50)
    const silent = files.flatMap((file) =>
      silentCasts(readFileSync(join(projectRoot, file), 'utf8')).map((line) => `${file}:${line}`),
    )
    expect(silent).toEqual([])
  })

  it('are found when they do not', () => {
    const text = [
      "import { one as two } from './one.ts'",
      'const a = two as Text',
      'const b = { as: 1 } as const',
      "const c = 'seen as Text'",
      '// It was parsed above.',
      'const d = JSON.parse(a) as Text',
      '',
      '',
      'const e = JSON.parse(a) as { b: Text }',
    ]
    expect(silentCasts(text.join('\n'))).toEqual([2, 9])
  })
})
