import { describe, expect, it } from 'vitest'
import { createPeer } from '../../../src/cluster/create-peer.ts'
import { openClusterLine } from '../../support/cluster-lines.ts'
import { eventually } from '../../support/eventually.ts'
import { createLinkPair } from '../../support/link-pair.ts'

const deadlineMs = 5_000

describe('two peers over a line', () => {
  it('bring notices and requests in the order in which they were sent', async () => {
    await using line = openClusterLine()
    const heard: unknown[] = []
    line.toMember.onNotice('say', (body) => heard.push(body))
    line.toMember.answer('ask', (body) => heard.push(body))
    line.toPrimary.notify('say', 1)
    const asked = line.toPrimary.request('ask', 2, { deadlineMs })
    line.toPrimary.notify('say', 3)
    await asked
    await line.toPrimary.request('ask', 4, { deadlineMs })
    line.toPrimary.notify('say', 5)
    await line.toPrimary.request('ask', 6, { deadlineMs })
    expect(heard).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('give each request its own answer, in whatever order the answers come, in both directions at once', async () => {
    await using line = openClusterLine()
    const gates = new Map<unknown, PromiseWithResolvers<string>>()
    line.toMember.answer('gate', (body) => {
      const gate = Promise.withResolvers<string>()
      gates.set(body, gate)
      return gate.promise
    })
    line.toPrimary.answer('double', (body) => Number(body) * 2)
    const asked = [1, 2, 3].map((n) => line.toPrimary.request('gate', n, { deadlineMs }))
    await eventually(() => gates.size === 3)
    for (const n of [3, 1, 2]) gates.get(n)?.resolve(`answer ${n}`)
    expect(await line.toMember.request('double', 21, { deadlineMs })).toBe(42)
    expect(await Promise.all(asked)).toEqual(['answer 1', 'answer 2', 'answer 3'])
  })

  it('send the first frame of a turn at once, and those that follow it in one message', async () => {
    await using line = openClusterLine()
    const heard: unknown[] = []
    line.toMember.onNotice('n', (body) => heard.push(body))
    for (let n = 0; n < 100; n += 1) line.toPrimary.notify('n', n)
    expect(line.memberLink.sent).toBe(1)
    await eventually(() => heard.length === 100)
    expect(heard).toEqual(Array.from({ length: 100 }, (_, n) => n))
    expect(line.memberLink.sent).toBe(2)
  })

  it('answer with the sentence of what the handler threw or rejected with', async () => {
    await using line = openClusterLine()
    line.toMember.answer('throw', () => {
      throw new Error('It is thrown.')
    })
    line.toMember.answer('reject', async () => {
      throw new Error('It is rejected.')
    })
    const failed = (message: string) => ({ name: 'PeerError', code: 'FAILED', message })
    const ask = (name: string) => line.toPrimary.request(name, null, { deadlineMs })
    await expect(ask('throw')).rejects.toMatchObject(failed('It is thrown.'))
    await expect(ask('reject')).rejects.toMatchObject(failed('It is rejected.'))
    await expect(ask('nobody')).rejects.toMatchObject(failed('Nobody here answers "nobody".'))
  })

  it('give up a request at its deadline, and pass over the answer that comes later', async () => {
    await using line = openClusterLine()
    const gate = Promise.withResolvers<string>()
    line.toMember.answer('slow', () => gate.promise)
    line.toMember.answer('quick', () => 'quick')
    await expect(line.toPrimary.request('slow', null, { deadlineMs: 20 })).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: '"slow" was not answered within 20 ms.',
    })
    gate.resolve('late')
    expect(await line.toPrimary.request('quick', null, { deadlineMs })).toBe('quick')
  })

  it('reject all that is asked and tell whoever answers when the line closes, and take nothing more', async () => {
    await using line = openClusterLine()
    const gone = Promise.withResolvers<AbortSignal>()
    line.toMember.answer('never', (_body, signal) => {
      gone.resolve(signal)
      return new Promise(() => undefined)
    })
    const asked = line.toPrimary.request('never', null, { deadlineMs })
    const signal = await gone.promise
    expect(signal.aborted).toBe(false)
    line.close()
    const closed = { code: 'CLOSED', message: 'The line to the other process is closed.' }
    await expect(asked).rejects.toMatchObject(closed)
    expect([signal.aborted, line.toPrimary.closed.aborted]).toEqual([true, true])
    await expect(line.toPrimary.request('never', null, { deadlineMs })).rejects.toMatchObject(closed)
    expect(line.toPrimary.notify('n', null)).toBe(false)
  })

  it('stop listening and answering on request, and refuse two listeners of one name', async () => {
    await using line = openClusterLine()
    const heard: unknown[] = []
    const stop = line.toMember.onNotice('n', (body) => heard.push(body))
    const stopAnswering = line.toMember.answer('q', () => 'first')
    expect(() => line.toMember.onNotice('n', () => undefined)).toThrow(TypeError)
    expect(() => line.toMember.answer('q', () => undefined)).toThrow('"q" is listened to already.')
    stop()
    stopAnswering()
    line.toMember.answer('q', () => 'second')
    stopAnswering()
    line.toPrimary.notify('n', 1)
    expect(await line.toPrimary.request('q', null, { deadlineMs })).toBe('second')
    expect(heard).toEqual([])
  })
})

describe('a peer', () => {
  it('bounds what waits to be sent: it drops notices, refuses requests, and goes on when there is room', async () => {
    await using line = openClusterLine({ maxUnsentBytes: 10_000 })
    const heard: unknown[] = []
    line.toMember.onNotice('n', (body) => heard.push(body))
    line.toMember.answer('q', () => 'answer')
    const [message, half] = ['x'.repeat(2_000), 'x'.repeat(5_000)]
    line.memberLink.hold()
    const taken = Array.from({ length: 6 }, () => line.toPrimary.notify('n', message))
    expect(taken).toEqual([true, true, true, true, false, false])
    await expect(line.toPrimary.request('q', message, { deadlineMs })).rejects.toMatchObject({ code: 'OVERLOADED' })
    line.memberLink.release()
    await eventually(() => heard.length === 4)
    expect(line.toPrimary.notify('n', half)).toBe(true)
    expect(await line.toPrimary.request('q', null, { deadlineMs })).toBe('answer')
  })

  it('keeps room beside what the bus sends for what supervises', async () => {
    await using line = openClusterLine({ maxUnsentBytes: 10_000 })
    line.memberLink.hold()
    let sent = 0
    while (line.toPrimary.notify('bus', 'x'.repeat(500))) sent += 1
    expect(sent).toBeGreaterThan(10)
    expect(line.toPrimary.notify('bus.lost', null)).toBe(false)
    expect(line.toPrimary.notify('heartbeat', 'x'.repeat(500))).toBe(true)
  })

  it('bounds the requests that wait for answers, in both directions', async () => {
    await using line = openClusterLine({ maxPending: 3 })
    const gate = Promise.withResolvers<string>()
    line.toMember.answer('q', () => gate.promise)
    const quick = [1, 2, 3].map(() => line.toPrimary.request('q', null, { deadlineMs: 20 }))
    await turn()
    const sent = line.memberLink.sent
    await expect(line.toPrimary.request('q', null, { deadlineMs })).rejects.toMatchObject({ code: 'OVERLOADED' })
    expect(line.memberLink.sent).toBe(sent)
    const outcomes = await Promise.allSettled(quick)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    // Nobody waits for those any more, but they still are being worked on.
    await expect(line.toPrimary.request('q', null, { deadlineMs })).rejects.toMatchObject({
      code: 'OVERLOADED',
      message: 'Too many requests wait for their answers.',
    })
    gate.resolve('open')
    await eventually(() =>
      line.toPrimary.request('q', null, { deadlineMs }).then(
        () => true,
        () => false,
      ),
    )
  })

  it('passes over whatever is no frame, and reads the frames beside it', async () => {
    await using pair = createLinkPair()
    const [raw, end] = pair.ends
    const peer = createPeer(end)
    const heard: unknown[] = []
    peer.onNotice('n', (body) => heard.push(body))
    const asked = peer.request('q', null, { deadlineMs })
    asked.catch(() => undefined)
    const nothing = () => undefined
    for (const message of [null, 1, 'text', {}, { length: 1 }, [null], [1], ['notice', 'n', 'not in a list']]) {
      raw.send(message, nothing)
    }
    const broken = [[], ['notice'], ['notice', 'n'], ['notice', 1, 2], ['notice', 'n', 1, 2], ['no kind', 'n', 1]]
    const answers = [
      ['answer'],
      ['answer', '1', 'x'],
      ['answer', 1.5, 'x'],
      ['answer', 99, 'x'],
      ['failure', 1, 'X', ''],
    ]
    const requests = [
      ['request', 1, 'q'],
      ['request', 'x', 'q', 1],
      ['request', 1, {}, 1],
    ]
    raw.send([...broken, ...answers, ...requests, ['notice', 'unknown', 1], ['notice', 'n', 'good']], nothing)
    await eventually(() => heard.length === 1)
    expect(heard).toEqual(['good'])
    raw.send([['answer', 1, 'the answer']], nothing)
    expect(await asked).toBe('the answer')
  })

  it('hears the frames after one whose listener threw, and says so', async () => {
    const errors: unknown[] = []
    await using line = openClusterLine({ onError: (error, name) => errors.push([String(error), name]) })
    const heard: unknown[] = []
    line.toMember.onNotice('bad', () => {
      throw new Error('broken')
    })
    line.toMember.onNotice('n', (body) => heard.push(body))
    for (const name of ['n', 'bad', 'n']) line.toPrimary.notify(name, name)
    await eventually(() => heard.length === 2)
    expect(errors).toEqual([['Error: broken', 'bad']])
  })
})

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
