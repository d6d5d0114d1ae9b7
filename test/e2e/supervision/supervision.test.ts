import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { isThere, startPrimary } from './start-primary.ts'

/** The pid of the member that answers; rejects when the request fails. */
function ask(port: number, { agent, path = '/' }: { agent?: Agent; path?: string } = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent: agent ?? false, timeout: 8_000 }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.once('end', () => resolve(Number(text)))
      response.once('error', reject)
    })
    request.once('error', reject)
    request.once('timeout', () => request.destroy(new Error('Not answered.')))
  })
}

describe('a primary with real members', () => {
  it('replaces a member that is killed, while the other one answers', async () => {
    await using primary = await startPrimary()
    const port = await primary.port()
    const [first, second] = primary.pids()
    expect(new Set(await Promise.all([1, 2, 3, 4].map(() => ask(port))))).toEqual(new Set([first, second]))
    process.kill(Number(first), 'SIGKILL')
    expect(await primary.line({ change: 'ENDED', number: 1 })).toMatchObject({ pid: first, end: 'CRASHED' })
    expect(await ask(port)).toBe(second)
    const [next] = primary.pids()
    await primary.line({ change: 'READY', number: 1, pid: next })
    expect(next).not.toBe(first)
  })

  it('kills a member that is stopped; who was handed to it is answered by another one', async () => {
    await using primary = await startPrimary()
    const port = await primary.port()
    const [first, second] = primary.pids()
    process.kill(Number(first), 'SIGSTOP')
    const answers = await Promise.all([1, 2, 3, 4].map(() => ask(port)))
    const ended = await primary.line({ change: 'ENDED', number: 1 })
    expect(ended).toMatchObject({ end: 'SILENT', reason: 'It was silent for 1.5 s and was killed.' })
    expect(answers).not.toContain(first)
    expect(answers).toContain(second)
  })

  it('leaves no member behind when it is killed, even one with a thread in native code', async () => {
    await using primary = await startPrimary()
    const port = await primary.port()
    for (let asked = 0; asked < 2; asked += 1) await ask(port, { path: '/hash' })
    primary.child.kill('SIGKILL')
    // Its standard output is theirs as well, and is closed with the last of them.
    await once(primary.child, 'close', { signal: AbortSignal.timeout(1_000) })
    expect(primary.child.signalCode).toBe('SIGKILL')
  })

  it('reloads without a failed request', async () => {
    await using primary = await startPrimary()
    const port = await primary.port()
    const before = primary.pids()
    const agent = new Agent({ keepAlive: true, maxSockets: 4 })
    let isOver = false
    const answers: number[] = []
    const visit = async (kept: Agent | undefined) => {
      while (!isOver) answers.push(await ask(port, kept ? { agent: kept } : {}))
    }
    const visitors = Promise.all([visit(agent), visit(agent), visit(undefined), visit(undefined)])
    primary.child.kill('SIGHUP')
    await Promise.race([primary.line({ reloaded: true }), visitors])
    const reloadedAt = answers.length
    await eventually(() => answers.length > reloadedAt + 20)
    isOver = true
    await visitors
    agent.destroy()
    expect(reloadedAt).toBeGreaterThan(20)
    expect(answers.slice(-10).some((pid) => before.includes(pid))).toBe(false)
  })

  it('opens the port again after all members died at once', async () => {
    await using primary = await startPrimary()
    const port = await primary.port()
    const before = primary.pids()
    for (const pid of before) process.kill(pid, 'SIGKILL')
    const answered = async () => ask(port).catch(() => null)
    await eventually(async () => (await answered()) !== null)
    expect(before).not.toContain(await ask(port))
  })

  it('recycles a member that gets SIGTERM; SIGINT to all lets them drain', async () => {
    await using primary = await startPrimary()
    await primary.line({ change: 'READY', number: 1 })
    await primary.line({ change: 'READY', number: 2 })
    const [first] = primary.pids()
    process.kill(Number(first), 'SIGTERM')
    expect(await primary.line({ change: 'ENDED', number: 1 })).toMatchObject({ end: 'RECYCLED' })
    process.kill(-Number(primary.child.pid), 'SIGINT')
    await once(primary.child, 'close')
    expect(primary.child.exitCode).toBe(0)
    expect(primary.lines.filter(({ end, change }) => change === 'ENDED' && end === 'STOPPED')).toHaveLength(2)
  })

  it('tells members that it is stopped, by its silence, and kills none of them afterwards', async () => {
    await using primary = await startPrimary()
    await primary.line({ change: 'READY', number: 1 })
    await primary.line({ change: 'READY', number: 2 })
    const [first, second] = primary.pids()
    primary.child.kill('SIGSTOP')
    await primary.line({ pid: first, isLive: false })
    await primary.line({ pid: second, isLive: false })
    // Longer than a member may be silent.
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    const from = primary.lines.length
    primary.child.kill('SIGCONT')
    await primary.line({ pid: first, isLive: true }, from)
    await primary.line({ pid: second, isLive: true }, from)
    expect(primary.lines.filter(({ change }) => change === 'ENDED')).toEqual([])
  })

  it('ends when a member says that it cannot start', async () => {
    await using primary = await startPrimary({ FAILS: '1' })
    expect(await primary.line({ failed: 'NOT_TODAY' })).toEqual({ failed: 'NOT_TODAY' })
    await once(primary.child, 'close')
    expect(primary.pids().some(isThere)).toBe(false)
  })
})
