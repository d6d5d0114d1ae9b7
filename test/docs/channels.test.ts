import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../../scripts/run-command.ts'
import { channelSettings } from '../../src/settings/channel-settings.ts'
import { readConfig } from '../../src/config.ts'

const text = readFileSync(join(projectRoot, 'docs/channels.md'), 'utf8')
const { table } = readConfig({}).channels

/** The rows of the table whose head begins so, each as its cells. */
function rowsUnder(head: string): readonly (readonly string[])[] {
  const lines = text.slice(text.indexOf(head)).split('\n')
  const end = lines.findIndex((line) => !line.startsWith('|'))
  return lines.slice(2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

describe('the document about channels', () => {
  it('shows the table that holds where none is set', () => {
    const shown = rowsUnder('| Pattern |').map(([pattern = '', listen = '', publish = '']) => [
      pattern,
      listen.split(':')[0],
      publish,
    ])
    const code = (word: string) => `\`${word}\``
    const own = table.map(({ segments, listen, publish }) => [`${segments.join('/')}/*`, listen, publish].map(code))
    expect(shown).toEqual(own)
    expect(table.map(({ keep }) => keep)).toEqual(table.map(() => ({ ms: 24 * 3_600_000, events: 1_000 })))
  })

  it('names every limit that can be set, with its default', () => {
    const shown = rowsUnder('| Limit |').flatMap(([, value = '', setting = '']) => {
      const name = /^`([A-Z_]+)`/.exec(setting)?.[1]
      return name === undefined ? [] : [[name, (/^[\d,]+/.exec(value)?.[0] ?? '').replaceAll(',', '')]]
    })
    const own = Object.entries(channelSettings).filter(([name]) => name !== 'CHANNELS')
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(own.map(([name, setting]) => [name, setting.default])))
  })

  it('has no date in what is there to be pasted, which would be past one day', () => {
    expect(text).toContain('publishNotice(')
    expect(text.match(/"\d{4}-\d\d-\d\d/g)).toBeNull()
  })
})
