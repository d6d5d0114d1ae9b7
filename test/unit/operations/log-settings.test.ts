import { expect, it } from 'vitest'
import type { LogLevel } from '../../../src/core/job.ts'
import type { RuntimeSettings } from '../../../src/core/runtime-settings.ts'
import { logSettings } from '../../../src/services/operations/log-settings.ts'

/** What a log says that writes from `usual` on where no level is set. */
function openLog(usual: LogLevel) {
  const said: string[] = []
  let level = usual
  const write = (at: LogLevel) => (fields: object, message: string) => {
    if (levels.indexOf(at) >= levels.indexOf(level)) said.push(`${message} ${JSON.stringify(fields)}`)
  }
  const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
  const setLevel = (set: LogLevel | null) => {
    level = set ?? usual
  }
  const apply = logSettings({ ...logger, setLevel })
  return {
    said,
    set: (settings: Partial<RuntimeSettings>) => apply({ logLevel: null, maintenance: null, ...settings }),
  }
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']
const maintenance = { message: 'Soon.', since: 0, by: 'usr_1' }

it('a log says when maintenance begins and ends, once', () => {
  const { said, set } = openLog('info')
  set({})
  expect(said).toEqual([])
  set({ maintenance })
  set({ maintenance: { ...maintenance, message: 'Sooner.' } })
  expect(said.splice(0)).toEqual(['Maintenance has begun: only administrators can change anything. {"by":"usr_1"}'])
  set({})
  expect(said).toEqual(['Maintenance has ended. {}'])
})

it('a process that starts during maintenance says so', () => {
  const { said, set } = openLog('info')
  set({ maintenance })
  expect(said).toHaveLength(1)
})

it.each<[usual: LogLevel, from: LogLevel | null, to: LogLevel | null]>([
  ['info', null, 'error'],
  ['info', 'error', null],
  ['info', 'debug', 'warn'],
  ['error', null, 'debug'],
  ['error', 'debug', null],
  ['error', 'warn', 'info'],
])('a log that writes from %s on says that its level goes from %s to %s', (usual, from, to) => {
  const { said, set } = openLog(usual)
  if (from !== null) set({ logLevel: from })
  said.length = 0
  set({ logLevel: to })
  expect(said).toEqual([`The log level was changed. {"logLevel":"${to ?? 'LOG_LEVEL'}"}`])
})
