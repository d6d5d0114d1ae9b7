import { describe, expect, it } from 'vitest'
import { createBusRouter } from '../../../src/cluster/bus/bus-router.ts'
import { createIpcBus } from '../../../src/cluster/ipc-bus.ts'
import { openBusCluster } from '../../support/bus-cluster.ts'
import { openClusterLine } from '../../support/cluster-lines.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { eventually } from '../../support/eventually.ts'

const nobody = () => undefined

describe('the bus of a member', () => {
  it('sends what is published in one turn in one message, and so does the primary to each who listens', async () => {
    await using cluster = openBusCluster()
    const [from, to, deaf] = [cluster.join(), cluster.join(), cluster.join()]
    const heard: unknown[] = []
    await to.bus.subscribe('c', (message) => heard.push(message))
    await deaf.bus.subscribe('d', nobody)
    const before = [from.memberLink.sent, to.primaryLink.sent, deaf.primaryLink.sent]
    for (let n = 0; n < 100; n += 1) from.bus.publish('c', n)
    await eventually(() => heard.length === 100)
    expect(heard).toEqual(Array.from({ length: 100 }, (_, n) => n))
    const after = [from.memberLink.sent, to.primaryLink.sent, deaf.primaryLink.sent]
    expect(after.map((sent, index) => sent - (before[index] ?? 0))).toEqual([1, 1, 0])
  })

  it('asks the primary once for all listeners of a channel, and leaves when the last one does', async () => {
    await using cluster = openBusCluster()
    const [from, to] = [cluster.join(), cluster.join()]
    const stops = await Promise.all([1, 2, 3].map(() => to.bus.subscribe('c', nobody)))
    const heard: unknown[] = []
    stops.push(await to.bus.subscribe('c', (message) => heard.push(message)))
    expect(to.memberLink.sent).toBe(1)
    for (const stop of stops.splice(0, 3)) stop()
    from.bus.publish('c', 1)
    await eventually(() => heard.length === 1)
    expect(to.memberLink.sent).toBe(1)
    for (const stop of stops) stop()
    expect(to.memberLink.sent).toBe(2)
    await to.bus.subscribe('barrier', nobody)
    const sent = to.primaryLink.sent
    from.bus.publish('c', 2)
    await from.bus.subscribe('barrier', nobody)
    expect(to.primaryLink.sent).toBe(sent)
  })

  it('waits for the acknowledgement, also who comes second', async () => {
    await using cluster = openBusCluster()
    const { bus, primaryLink } = cluster.join()
    primaryLink.hold()
    const story: string[] = []
    const subscribed = [1, 2].map((n) => bus.subscribe('c', nobody).then(() => story.push(`subscribed ${n}`)))
    await turns(20)
    story.push('acknowledged')
    primaryLink.release()
    await Promise.all(subscribed)
    expect([story[0], story.slice(1).toSorted()]).toEqual(['acknowledged', ['subscribed 1', 'subscribed 2']])
  })

  it('is not live when the primary does not acknowledge in time, tries again, and is live once it has', async () => {
    await using cluster = openBusCluster()
    const [from, to] = [cluster.join(), cluster.join({ deadlineMs: 30, retryMs: 5 })]
    const heard: unknown[] = []
    to.primaryLink.hold()
    await to.bus.subscribe('c', (message) => heard.push(message))
    expect([to.bus.isLive, to.changes]).toEqual([false, [false]])
    await to.bus.subscribe('d', (message) => heard.push(message))
    to.primaryLink.release()
    await eventually(() => to.bus.isLive)
    expect(to.changes).toEqual([false, true])
    from.bus.publish('c', 1)
    from.bus.publish('d', 2)
    await eventually(() => heard.length === 2)
    expect(heard).toEqual([1, 2])
  })

  it('becomes live, when the primary is heard again, only after that has answered', async () => {
    await using cluster = openBusCluster()
    const { bus, line, primaryLink, changes } = cluster.join()
    line.set(false)
    primaryLink.hold()
    line.set(true)
    await turns(20)
    expect(bus.isLive).toBe(false)
    line.set(false)
    primaryLink.release()
    await turns(20)
    expect([bus.isLive, changes]).toEqual([false, [false]])
    line.set(true)
    await eventually(() => bus.isLive)
    expect(changes).toEqual([false, true])
  })

  it('lets go who waits for an acknowledgement when the line is cut or closed, and is never live after that', async () => {
    await using cluster = openBusCluster()
    const patient = { deadlineMs: 1_000_000 }
    const [cut, closed] = [cluster.join(patient), cluster.join(patient)]
    for (const { primaryLink } of [cut, closed]) primaryLink.hold()
    const waiting = [cut.bus.subscribe('c', nobody), closed.bus.subscribe('c', nobody)]
    cut.line.set(false)
    closed.close()
    await Promise.all(waiting)
    expect([cut.bus.isLive, closed.bus.isLive]).toEqual([false, false])
    const stop = await closed.bus.subscribe('d', nobody)
    closed.bus.publish('d', 1)
    stop()
    expect(closed.changes).toEqual([false])
  })

  it('is not live from the beginning where the primary is not heard', async () => {
    await using line = openClusterLine()
    line.line.set(false)
    const logger = collectingLogger()
    createBusRouter(logger).join(line.toMember)
    await using bus = createIpcBus({ peer: line.toPrimary, line: line.line, logger })
    expect(bus.isLive).toBe(false)
    await bus.subscribe('c', nobody)
    line.line.set(true)
    await eventually(() => bus.isLive)
  })

  it('tells the primary later what it does not listen to any more, where the line was full, unless it does again', async () => {
    await using cluster = openBusCluster()
    const [from, to] = [cluster.join(), cluster.join({ maxUnsentBytes: 1_000, retryMs: 100 })]
    const heard: unknown[] = []
    const stops = [await to.bus.subscribe('left', nobody), await to.bus.subscribe('again', nobody)]
    to.memberLink.hold()
    while (to.toPrimary.notify('filler', null)) continue
    for (const stop of stops) stop()
    to.line.set(false)
    await to.bus.subscribe('again', (message) => heard.push(message))
    to.memberLink.release()
    await turns(5)
    to.line.set(true)
    await eventually(() => to.bus.isLive)
    await eventually(async () => {
      const sent = to.primaryLink.sent
      from.bus.publish('left', 1)
      await from.bus.subscribe(`barrier ${sent}`, nobody)
      return to.primaryLink.sent === sent
    })
    from.bus.publish('again', 1)
    await eventually(() => heard.length === 1)
  })

  it('says nothing of lost messages while it is cut off: that it is live again will be enough', async () => {
    await using cluster = openBusCluster()
    const { toMember, toPrimary, line, changes } = cluster.join()
    line.set(false)
    toMember.notify('bus.lost', null)
    toMember.answer('barrier', nobody)
    await toPrimary.request('barrier', null, { deadlineMs: 5_000 })
    expect(changes).toEqual([false])
  })

  it('passes over what is no message, and says what is no JSON', async () => {
    await using cluster = openBusCluster()
    const { bus, toMember } = cluster.join()
    const heard: unknown[] = []
    await bus.subscribe('c', (message) => heard.push(message))
    for (const body of [null, 'c', [1], [['c']], [['c', 1]], [['c', '1', 2]], [['c', '{']]])
      toMember.notify('bus', body)
    toMember.notify('bus', [
      ['nobody listens', '{'],
      ['c', '"good"'],
    ])
    await eventually(() => heard.length > 0)
    expect(heard).toEqual(['good'])
    expect(cluster.logger.lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'Another process put on the bus what is no JSON.'],
    ])
  })

  it('tells everybody although one who hears of its state throws', async () => {
    await using cluster = openBusCluster()
    const { bus, line } = cluster.join()
    const changes: boolean[] = []
    bus.onChange(() => {
      throw new Error('broken listener')
    })
    bus.onChange((isLive) => changes.push(isLive))
    line.set(false)
    expect(changes).toEqual([false])
    expect(cluster.logger.lines).toMatchObject([{ level: 'error', fields: { error: 'Error: broken listener' } }])
  })
})

describe('messages that are lost between members', () => {
  const message = 'x'.repeat(1_000)
  const small = { maxUnsentBytes: 10_000 }

  it('are told to the others once, when what one of them publishes does not fit on its line', async () => {
    await using cluster = openBusCluster()
    const [from, to, third] = [cluster.join(small), cluster.join(), cluster.join()]
    let heard = 0
    await to.bus.subscribe('c', () => (heard += 1))
    let lost = 0
    cluster.primary.onChange((isLive) => (lost += isLive ? 1 : 0))
    from.memberLink.hold()
    for (let n = 0; n < 50; n += 1) {
      from.bus.publish('c', message)
      await turns(1)
    }
    expect([to.changes, third.changes]).toEqual([[], []])
    from.memberLink.release()
    await eventually(() => to.changes.length > 0 && third.changes.length > 0)
    expect([to.changes, third.changes, from.changes, lost]).toEqual([[true], [true], [], 1])
    const arrived = heard
    expect(arrived).toBeLessThan(50)
    from.bus.publish('c', message)
    await eventually(() => heard === arrived + 1)
    expect(to.changes).toEqual([true])
  })

  it('are told to a member that was stopped, and to nobody else, when it takes messages again', async () => {
    await using cluster = openBusCluster()
    const [from, stopped, quick] = [cluster.join(), cluster.join(small), cluster.join()]
    const [slow, fast] = [[] as unknown[], [] as unknown[]]
    await stopped.bus.subscribe('c', (n) => slow.push(n))
    await quick.bus.subscribe('c', (n) => fast.push(n))
    stopped.primaryLink.hold()
    const all = Array.from({ length: 50 }, (_, n) => `${n} ${message}`)
    for (const each of all) {
      from.bus.publish('c', each)
      await turns(1)
    }
    await eventually(() => fast.length === 50)
    stopped.primaryLink.release()
    await eventually(() => stopped.changes.length > 0)
    expect([stopped.changes, quick.changes, from.changes]).toEqual([[true], [], []])
    expect(fast).toEqual(all)
    expect(slow).toEqual(all.slice(0, slow.length))
    from.bus.publish('c', 'after')
    await eventually(() => slow.at(-1) === 'after')
  })

  it('are no more of one turn than those that do not fit', async () => {
    await using cluster = openBusCluster()
    const [from, to] = [cluster.join({ maxUnsentBytes: 500_000 }), cluster.join()]
    const heard: unknown[] = []
    await to.bus.subscribe('c', (text) => heard.push(String(text).length))
    for (const length of [200_000, 100_000, 200_000, 100_000]) from.bus.publish('c', 'x'.repeat(length))
    await eventually(() => to.changes.length > 0)
    expect(heard).toEqual([200_000, 100_000])
  })

  it('are told before any message that follows them', async () => {
    await using cluster = openBusCluster()
    const [from, to] = [cluster.join(), cluster.join(small)]
    const story: unknown[] = []
    await to.bus.subscribe('c', (n) => story.push(n))
    to.bus.onChange((isLive) => story.push(isLive))
    to.primaryLink.hold()
    from.bus.publish('c', 'y'.repeat(20_000))
    await from.bus.subscribe('barrier', nobody)
    to.primaryLink.release()
    from.bus.publish('c', 'after')
    await eventually(() => story.length === 2)
    expect(story).toEqual([true, 'after'])
  })
})

describe('the primary', () => {
  it('has an end of the bus of its own', async () => {
    await using cluster = openBusCluster()
    const member = cluster.join()
    const [here, there]: [unknown[], unknown[]] = [[], []]
    await cluster.primary.subscribe('c', (message) => here.push(message))
    await member.bus.subscribe('c', (message) => there.push(message))
    cluster.primary.publish('c', 1)
    await eventually(() => there.length === 1)
    member.bus.publish('c', 2)
    await eventually(() => here.length === 2 && there.length === 2)
    expect([here, there]).toEqual([
      [1, 2],
      [1, 2],
    ])
    await cluster.primary[Symbol.asyncDispose]()
    cluster.primary.publish('c', 3)
    await expect(cluster.primary.subscribe('c', nobody)).rejects.toThrow('The bus is closed.')
    member.bus.publish('c', 4)
    await eventually(() => there.length === 3)
    expect([here.length, there]).toEqual([2, [1, 2, 4]])
  })

  it('forgets a member whose line closes', async () => {
    await using cluster = openBusCluster()
    const [from, gone] = [cluster.join(), cluster.join()]
    await gone.bus.subscribe('c', nobody)
    const sent = gone.primaryLink.sent
    gone.close()
    from.bus.publish('c', 1)
    await from.bus.subscribe('barrier', nobody)
    expect(gone.primaryLink.sent).toBe(sent)
    expect(from.changes).toEqual([])
  })

  it('refuses subscriptions that are no lists of channels', async () => {
    await using cluster = openBusCluster()
    const { toPrimary } = cluster.join()
    const many = Array.from({ length: 1_001 }, (_, n) => `c${n}`)
    for (const body of [null, 'c', { 0: 'c' }, [1], ['c', null], ['c'.repeat(1_025)], many]) {
      await expect(toPrimary.request('bus.subscribe', body, { deadlineMs: 1_000 })).rejects.toMatchObject({
        code: 'FAILED',
        message: 'A subscription to the bus takes a list of channels.',
      })
      toPrimary.notify('bus.unsubscribe', body)
    }
  })
})

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate)
}
