import { describe, expect, it, vi } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { openSharingCluster } from '../../support/sharing-cluster.ts'

const limit = { attempts: 1, seconds: 60 }
const refused = { code: 'RATE_LIMITED' }
const place = { key: 'k', limit: 1 }
const ask = { deadlineMs: 1_000 }

describe('the limits of a member', () => {
  it('are counted by itself while the primary is not heard, without asking it, and by the primary after that', async () => {
    await using cluster = openSharingCluster()
    const [one, two] = [cluster.join(), cluster.join()]
    const [here, there] = [one.openLimiter('l', limit), two.openLimiter('l', limit)]
    await there.consume('key')
    one.line.set(false)
    await here.consume('key')
    await expect(here.consume('key')).rejects.toMatchObject(refused)
    expect(one.memberLink.sent).toBe(0)
    await here.reset('key')
    await here.consume('key')
    one.line.set(true)
    await expect(here.consume('key')).rejects.toMatchObject(refused)
    expect(one.memberLink.sent).toBe(1)
  })

  it('are counted by itself when the primary does not answer, and all but one attempt a time do not wait for it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    using _ = { [Symbol.dispose]: () => void vi.useRealTimers() }
    await using cluster = openSharingCluster()
    const { openLimiter, memberLink, primaryLink } = cluster.join()
    const limiter = openLimiter('l', { attempts: 2, seconds: 60 })
    await limiter.consume('key')
    primaryLink.hold()
    const first = limiter.consume('key')
    await vi.advanceTimersByTimeAsync(1_000)
    await first
    const sent = memberLink.sent
    for (let n = 0; n < 100; n += 1) await limiter.consume(`key ${n}`)
    expect(memberLink.sent).toBe(sent)
    await vi.advanceTimersByTimeAsync(1_000)
    const second = limiter.consume('key')
    await limiter.consume('other key')
    expect(memberLink.sent).toBe(sent + 1)
    primaryLink.release()
    // The primary has counted what it did not answer, too.
    await expect(second).rejects.toMatchObject(refused)
    await limiter.consume('last')
    expect(memberLink.sent).toBe(sent + 2)
  })

  it('never fail because of the line: not when it is full, and not when it is closed', async () => {
    await using cluster = openSharingCluster()
    const [full, closed] = [cluster.join({ maxUnsentBytes: 10 }), cluster.join()]
    closed.close()
    for (const { openLimiter } of [full, closed]) {
      const limiter = openLimiter('l', limit)
      await limiter.consume('key')
      await expect(limiter.consume('key')).rejects.toMatchObject(refused)
      await limiter.reset('key')
      await limiter.consume('key')
    }
  })

  it('are counted by itself when the primary refuses them, which is said once', async () => {
    await using cluster = openSharingCluster()
    const { openLimiter } = cluster.join()
    const limiter = openLimiter('l', { attempts: 2, seconds: 60 })
    const long = 'k'.repeat(513)
    await limiter.consume(long)
    await limiter.consume(long)
    await expect(limiter.consume(long)).rejects.toMatchObject(refused)
    expect(cluster.logger.lines).toMatchObject([
      { level: 'error', fields: { name: 'limit.consume', error: 'PeerError: An attempt has a key and a cost.' } },
    ])
  })

  it('are refused by the primary where they are none, or too many', async () => {
    await using cluster = openSharingCluster()
    const { toPrimary } = cluster.join()
    const rows = [null, {}, [], ['l', 1, 60, 'k'], ['l', 1, 60, 'k', -1], ['l', 1, 60, 'k', '1'], ['l', 1, 60, 7, 1]]
    const limits = [
      [7, 1, 60],
      ['l', 0, 60],
      ['l', 1, 0],
      ['l', null, 60],
      ['l', 1, 1e9],
      ['l'.repeat(513), 1, 60],
    ]
    for (const body of [...rows, ...limits.map((row) => [...row, 'k', 1])]) {
      await expect(toPrimary.request('limit.consume', body, ask)).rejects.toMatchObject({ code: 'FAILED' })
    }
    for (const body of [null, ['l', 1, 60], ['l', 1, 60, null], ['l', -1, 60, 'k']]) {
      await expect(toPrimary.request('limit.reset', body, ask)).rejects.toMatchObject({ code: 'FAILED' })
    }
    for (let n = 0; n < 200; n += 1) await toPrimary.request('limit.consume', [`l${n}`, 1, 60, 'k', 1], ask)
    await expect(toPrimary.request('limit.consume', ['l', 1, 60, 'k', 1], ask)).rejects.toMatchObject({
      message: 'There are 200 rate limits already.',
    })
    await expect(toPrimary.request('limit.consume', ['l0', 1, 60, 'k', 1], ask)).resolves.toEqual([
      'Too many attempts. Try again in 60 seconds.',
      60,
    ])
  })
})

describe('what members have open', () => {
  it('counts no more when the line of the one that has it closes', async () => {
    await using cluster = openSharingCluster()
    const [dead, alive] = [cluster.join(), cluster.join()]
    expect(await dead.counts.enter([place])).toHaveProperty('leave')
    expect(await alive.counts.enter([place])).toEqual({ full: place })
    dead.close()
    expect(await alive.counts.enter([place])).toHaveProperty('leave')
  })

  it('is counted by the member with what it had already, while the primary does not answer', async () => {
    await using cluster = openSharingCluster()
    const { counts, line } = cluster.join()
    const entry = await counts.enter([place])
    line.set(false)
    expect(await counts.enter([place])).toEqual({ full: place })
    if ('leave' in entry) entry.leave()
    expect(await counts.enter([place])).toHaveProperty('leave')
  })

  it('is counted by the member when the primary is back, what was let in without it, too', async () => {
    await using cluster = openSharingCluster()
    const [one, two] = [cluster.join(), cluster.join()]
    one.line.set(false)
    const entry = await one.counts.enter([place])
    one.line.set(true)
    expect(await one.counts.enter([place])).toEqual({ full: place })
    expect(await two.counts.enter([place])).toHaveProperty('leave')
    if ('leave' in entry) entry.leave()
    expect(await one.counts.enter([place])).toEqual({ full: place })
  })

  it('is given back in the primary when its answer came too late', async () => {
    await using cluster = openSharingCluster()
    const [late, other] = [cluster.join({ deadlineMs: 20 }), cluster.join()]
    late.primaryLink.hold()
    const entry = await late.counts.enter([place])
    expect(entry).toHaveProperty('leave')
    await eventually(async () => 'leave' in (await other.counts.enter([place])))
  })

  it('is given back although the line was full when it was left', async () => {
    await using cluster = openSharingCluster()
    const [full, other] = [cluster.join({ maxUnsentBytes: 1_000 }), cluster.join()]
    const entry = await full.counts.enter([place])
    full.memberLink.hold()
    while (full.toPrimary.notify('filler', null)) continue
    if ('leave' in entry) entry.leave()
    expect(await other.counts.enter([place])).toEqual({ full: place })
    full.memberLink.release()
    await eventually(async () => 'leave' in (await other.counts.enter([place])))
  })

  it('is refused by the primary where it is no entry, and left by nobody but the member that has it', async () => {
    await using cluster = openSharingCluster()
    const [one, two] = [cluster.join(), cluster.join()]
    const many = Array.from({ length: 11 }, () => ['k', 1])
    const long = [['k'.repeat(513), 1]]
    for (const body of [
      null,
      [],
      ['1', []],
      [1],
      [1, 'k'],
      [1, [null]],
      [1, [['k']]],
      [1, [['k', -1]]],
      [1, long],
      [1, many],
    ]) {
      await expect(one.toPrimary.request('counts.enter', body, ask)).rejects.toMatchObject({ code: 'FAILED' })
    }
    // What was refused has no number.
    for (let n = 0; n < 2; n += 1) expect(await one.toPrimary.request('counts.enter', [1, [['k', 0]]], ask)).toBe(0)
    await one.toPrimary.request('counts.enter', [1, [['k', 1]]], ask)
    await expect(one.toPrimary.request('counts.enter', [1, [['k', 9]]], ask)).rejects.toMatchObject({
      message: 'An entry has a number of its own.',
    })
    for (const body of [null, 1, ['1'], [2]]) one.toPrimary.notify('counts.leave', body)
    two.toPrimary.notify('counts.leave', [1])
    await one.toPrimary.request('counts.enter', [2, []], ask)
    expect(await two.counts.enter([place])).toEqual({ full: place })
  })
})

describe('the turns of members', () => {
  const nothing = async () => undefined
  const overloaded = { code: 'OVERLOADED', status: 503, details: { retryAfterSeconds: 5 } }

  it('go on to the others when a member dies that has one or waits for one', async () => {
    await using cluster = openSharingCluster()
    const [dead, waiting, alive] = [cluster.join(), cluster.join(), cluster.join()]
    let began = 0
    void dead.turns('k', () => new Promise(() => (began += 1)))
    await eventually(() => began === 1)
    const lost = waiting.turns('k', nothing)
    await waiting.turns('barrier', nothing)
    const next = alive.turns('k', async () => 'done')
    await alive.turns('barrier', nothing)
    waiting.close()
    await expect(lost).rejects.toMatchObject(overloaded)
    dead.close()
    expect(await next).toBe('done')
  })

  it('are waited for so long, and passed on by who waits no more', async () => {
    await using cluster = openSharingCluster()
    const [holder, impatient, patient] = [cluster.join(), cluster.join({ waitMs: 30 }), cluster.join()]
    const gate = Promise.withResolvers<string>()
    let began = false
    const first = holder.turns('k', () => {
      began = true
      return gate.promise
    })
    await eventually(() => began)
    let ran = false
    await expect(impatient.turns('k', async () => (ran = true))).rejects.toMatchObject(overloaded)
    const last = patient.turns('k', async () => 'last')
    gate.resolve('first')
    expect([await first, await last, ran]).toEqual(['first', 'last', false])
  })

  it('are given back by who hears of them too late, and no work runs without one', async () => {
    await using cluster = openSharingCluster()
    const [late, other] = [cluster.join({ waitMs: 30 }), cluster.join()]
    late.primaryLink.hold()
    let ran = false
    await expect(late.turns('k', async () => (ran = true))).rejects.toMatchObject(overloaded)
    late.primaryLink.release()
    expect(await other.turns('k', async () => 'other')).toBe('other')
    expect(ran).toBe(false)
  })

  it('are waited for by a bounded number of works', async () => {
    await using cluster = openSharingCluster()
    const { turns, primaryLink } = cluster.join({ maxWaiting: 2 })
    primaryLink.hold()
    const waiting = [turns('a', nothing), turns('b', nothing)]
    await expect(turns('c', nothing)).rejects.toMatchObject(overloaded)
    primaryLink.release()
    await Promise.all(waiting)
    await turns('c', nothing)
  })

  it('are refused by the primary to what is no request, and when too many wait', async () => {
    await using cluster = openSharingCluster()
    const [member, other] = [cluster.join(), cluster.join()]
    for (const body of [null, [], [1], ['1', 'k'], [1, 2], [1, 'k'.repeat(513)]]) {
      await expect(member.toPrimary.request('turns.take', body, ask)).rejects.toMatchObject({ code: 'FAILED' })
    }
    const taken = Array.from({ length: 9_999 }, (_, id) => member.toPrimary.request('turns.take', [id, 'k'], ask))
    for (const each of taken) each.catch(() => undefined)
    await expect(member.toPrimary.request('turns.take', [0, 'k'], ask)).rejects.toMatchObject({ code: 'FAILED' })
    await other.toPrimary.request('turns.take', [1, 'x'], ask)
    await expect(other.turns('k', nothing)).rejects.toMatchObject(overloaded)
    member.close()
    await other.turns('k', nothing)
  })
})
