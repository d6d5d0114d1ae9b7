import { describe, expect, it } from 'vitest'
import { createFigures } from '../../../../src/adapters/metrics/create-figures.ts'
import { readConfig } from '../../../../src/config.ts'
import { systemClock } from '../../../../src/core/clock.ts'
import { openAlerts } from '../../../../src/compose/open-alerts.ts'
import { collectingLogger } from '../../../support/collecting-logger.ts'
import { openTestStore } from '../../../support/open-test-store.ts'

const high = { value: 2, limit: 1, unit: 'BYTES', message: 'There are 2.' } as const

describe('the alarms of a process', () => {
  it('are in its figures, its log and the record, where they are cleared when it stops', async () => {
    await using store = await openTestStore()
    const figures = createFigures({ number: 2 })
    const logger = collectingLogger()
    const members = { number: 2 }
    const publicUrl = () => 'http://localhost'
    const opened = openAlerts(readConfig({}), {
      store,
      clock: systemClock,
      logger,
      members,
      nodeId: 'node_2',
      figures,
      publicUrl,
    })
    const samples = async (name: string) =>
      (await figures.collect()).flatMap((family) => (family.name === name ? family.samples : []))
    const active = async () =>
      (await samples('millrace_alert_active')).flatMap((one) => ('value' in one && one.value === 1 ? [one.labels] : []))

    opened.alarms.set('BUS_DOWN', high)
    opened.alarms.set('DISK_LOW', high)
    opened.alarms.set('DISK_LOW', null)
    expect(await active()).toEqual([{ member: '2', kind: 'BUS_DOWN' }])
    expect(await samples('millrace_alert_active')).toHaveLength(13)
    expect(await samples('millrace_alerts_total')).toMatchObject([
      { labels: { member: '2', kind: 'BUS_DOWN' }, value: 1 },
      { labels: { member: '2', kind: 'DISK_LOW' }, value: 1 },
    ])
    await opened[Symbol.asyncDispose]()
    expect(await samples('millrace_alert_active')).toEqual([])
    expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'There are 2.'],
      ['error', 'There are 2.'],
      ['info', 'The alert DISK_LOW is over.'],
      ['info', 'The alert BUS_DOWN is over.'],
    ])
    const events = await store.read(({ log }) => log.read('alerts', 0, 100))
    const kept = events.map(({ body }) => JSON.stringify(body))
    for (const kind of ['BUS_DOWN', 'DISK_LOW'])
      expect(kept.findLast((text) => text.includes(kind))).toContain('"type":"AlertCleared"')
  })
})
