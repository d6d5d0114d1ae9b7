import { describe, expect, it } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { forkSharingMembers } from '../../support/fork-sharing-members.ts'

describe('members in processes of their own', () => {
  it('hear each other and themselves through the primary, in order, and count together', async () => {
    await using cluster = forkSharingMembers()
    const [from, to] = [cluster.fork(), cluster.fork()]
    for (const member of [from, to]) await member.ask('subscribe', 'c')
    const messages = Array.from({ length: 5_000 }, (_, n) => ({ n, text: '🌊 \u2028 "quoted"' }))
    await from.ask('publish', ['c', messages])
    await eventually(() => [from, to].every(({ heard }) => heard.length === 5_000), 10_000)
    expect([from.heard, to.heard, from.changes, to.changes]).toEqual([messages, messages, [], []])
    expect([await from.ask('enter', 'k'), await to.ask('enter', 'k'), await to.ask('enter', 'other')]).toEqual([
      true,
      false,
      true,
    ])
  })

  it('give back their places and turns when one of them is killed', async () => {
    await using cluster = forkSharingMembers()
    const [killed, other] = [cluster.fork(), cluster.fork()]
    expect(await killed.ask('enter', 'k')).toBe(true)
    await killed.ask('hold', 'k')
    expect(await other.ask('enter', 'k')).toBe(false)
    const turn = other.ask('turn', 'k')
    killed.process.kill('SIGKILL')
    expect(await turn).toBe('done')
    expect(await other.ask('enter', 'k')).toBe(true)
  })

  it('are told when one of them was stopped for so long that messages to it were lost', async () => {
    await using cluster = forkSharingMembers()
    const [from, stopped] = [cluster.fork(), cluster.fork({ maxUnsentBytes: 1024 * 1024 })]
    await stopped.ask('subscribe', 'c')
    stopped.process.kill('SIGSTOP')
    const text = 'x'.repeat(10_000)
    for (let n = 0; n < 40; n += 1) await from.ask('publish', ['c', Array.from({ length: 10 }, (_, m) => [n, m, text])])
    stopped.process.kill('SIGCONT')
    await eventually(() => stopped.changes.length > 0)
    expect(stopped.changes).toEqual([true])
    const before = stopped.heard.length
    expect(before).toBeLessThan(400)
    await from.ask('publish', ['c', ['after']])
    await eventually(() => stopped.heard.at(-1) === 'after')
  })
})
