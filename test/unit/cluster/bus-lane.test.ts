import { describe, expect, it } from 'vitest'
import { createBusLane } from '../../../src/cluster/bus/bus-lane.ts'
import { BusSeats } from '../../../src/cluster/bus/bus-seats.ts'
import { openClusterLine } from '../../support/cluster-lines.ts'
import { eventually } from '../../support/eventually.ts'

describe('a lane of the bus', () => {
  it('tells of a loss with the next message that there is room for, not only after a while', async () => {
    await using line = openClusterLine({ maxUnsentBytes: 10_000 })
    const lane = createBusLane(line.toPrimary, 1_000_000)
    const story: unknown[] = []
    line.toMember.onNotice('bus', (body) => story.push(body))
    line.toMember.onNotice('bus.lost', () => story.push('lost'))
    line.memberLink.hold()
    const fill = 'x'.repeat(8_000)
    lane.push('c', fill)
    await turn()
    lane.push('c', fill)
    await turn()
    line.memberLink.release()
    await eventually(() => story.length === 1)
    lane.push('c', '1')
    await eventually(() => story.length === 3)
    expect(story).toEqual([[['c', fill]], 'lost', [['c', '1']]])
    lane.close()
  })
})

describe('the seats of the bus', () => {
  it('are nothing to anybody any more when they were left', () => {
    const story: string[] = []
    const lane = (name: string) => ({
      push: (channel: string, text: string) => void story.push(`${name} ${channel} ${text}`),
      lose: () => void story.push(`${name} loses`),
      close: () => undefined,
    })
    const seats = new BusSeats()
    const [here, gone] = [seats.take(lane('here')), seats.take(lane('gone'))]
    for (const seat of [here, gone]) seats.subscribe(seat, ['c'])
    seats.leave(gone)
    seats.forward(['c', '1'], null)
    seats.forward(['c', '2'], here)
    seats.lose(gone)
    seats.lose(here)
    expect(story).toEqual(['here c 1', 'here loses'])
  })
})

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
