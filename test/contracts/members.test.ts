import { describe, expect, it } from 'vitest'
import { localMembers } from '../../src/adapters/local/local-members.ts'
import { createIpcMembers } from '../../src/cluster/shared/ipc-members.ts'
import { createMembersDesk, type ServingMember } from '../../src/cluster/shared/members-desk.ts'
import type { Members } from '../../src/ports/members.ts'
import { type ClusterLine, openClusterLine } from '../support/cluster-lines.ts'

interface OpenMembers extends AsyncDisposable {
  /** Each process; alone it is the only one. */
  readonly all: readonly Members[]
}

/** A primary, and members that it asks. */
function openCluster(count: number) {
  const opened = new AsyncDisposableStack()
  const serving: ServingMember[] = []
  const desk = createMembersDesk({ serving: () => serving, here: localMembers(0) })
  const lines: ClusterLine[] = []
  const all: Members[] = []
  for (let number = 1; number <= count; number += 1) {
    const line = opened.use(openClusterLine())
    desk.join(line.toMember)
    serving.push({ number, peer: line.toMember })
    lines.push(line)
    all.push(createIpcMembers({ peer: line.toPrimary, number, here: localMembers() }))
  }
  return { desk, serving, lines, all, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

const kinds: readonly { readonly name: string; open(): OpenMembers }[] = [
  {
    name: 'the only process',
    open: () => ({ all: [localMembers()], [Symbol.asyncDispose]: async () => undefined }),
  },
  { name: 'the members of a cluster', open: () => openCluster(3) },
]

const never = () => new Promise(() => {})

describe.each(kinds)('$name', ({ open }) => {
  it('know their places, counted from 1', async () => {
    await using opened = open()
    expect(opened.all.map(({ number }) => number)).toEqual(opened.all.map((_, index) => index + 1))
  })

  it('are all asked by each, and answer in the order of their numbers', async () => {
    await using opened = open()
    const bodies: unknown[] = []
    for (const { answer, number } of opened.all) {
      answer('status', async (body) => {
        bodies.push(body)
        return { says: number }
      })
    }
    for (const { askAll } of opened.all) {
      expect(await askAll('status', 1_000)).toEqual(
        opened.all.map(({ number }) => ({ number, answer: { says: number } })),
      )
    }
    expect(new Set(bodies)).toEqual(new Set([null]))
  })

  it('are asked one alone by its number, with a body', async () => {
    await using opened = open()
    for (const { answer, number } of opened.all) answer('snapshot', (body) => ({ number, body }))
    for (const { ask } of opened.all) {
      for (const { number } of opened.all) {
        expect(await ask(number, 'snapshot', { label: 'x' }, 1_000)).toEqual({ number, body: { label: 'x' } })
      }
    }
  })

  it('say null for who does not answer in time, fails, or does not know the question', async () => {
    await using opened = open()
    const [first, second] = opened.all
    if (first === undefined) throw new Error('There is no process.')
    first.answer('metrics', never)
    second?.answer('metrics', () => {
      throw new Error('Not now.')
    })
    expect(await first.askAll('metrics', 30)).toEqual(opened.all.map(({ number }) => ({ number, answer: null })))
  })

  it('tell who asks one why it did not answer', async () => {
    await using opened = open()
    const [asked] = opened.all
    const asking = opened.all.at(-1)
    if (asked === undefined || asking === undefined) throw new Error('There is no process.')
    await expect(asking.ask(9, 'snapshot', null, 1_000)).rejects.toMatchObject({
      name: 'MemberError',
      code: 'NOT_THERE',
      message: 'There is no process with the number 9.',
    })
    await expect(asking.ask(1, 'snapshot', null, 1_000)).rejects.toMatchObject({ code: 'FAILED' })
    const stop = asked.answer('snapshot', async () => {
      throw new Error('The disk is full.')
    })
    await expect(asking.ask(1, 'snapshot', null, 1_000)).rejects.toMatchObject({
      name: 'MemberError',
      code: 'FAILED',
      message: 'The disk is full.',
    })
    stop()
    asked.answer('snapshot', never)
    await expect(asking.ask(1, 'snapshot', null, 30)).rejects.toMatchObject({
      name: 'MemberError',
      code: 'TIMED_OUT',
      message: 'The process did not answer in time.',
    })
  })

  it('have a question answered by one alone, until that is stopped', async () => {
    await using opened = open()
    const [asked] = opened.all
    if (asked === undefined) throw new Error('There is no process.')
    const stop = asked.answer('status', () => 'first')
    expect(() => asked.answer('status', () => 'second')).toThrow(TypeError)
    expect(await asked.ask(1, 'status', null, 1_000)).toBe('first')
    stop()
    await expect(asked.ask(1, 'status', null, 1_000)).rejects.toMatchObject({ code: 'FAILED' })
    expect(await asked.askAll('status', 1_000)).toContainEqual({ number: 1, answer: null })
    asked.answer('status', () => 'third')
    expect(await asked.ask(1, 'status', null, 1_000)).toBe('third')
  })
})

describe('the primary', () => {
  it('is number 0 in what all are asked, for questions that it answers', async () => {
    await using cluster = openCluster(2)
    const [one] = cluster.all
    for (const { answer, number } of cluster.all) answer('metrics', () => number)
    await expect(one?.ask(0, 'metrics', null, 1_000)).rejects.toMatchObject({ code: 'NOT_THERE' })
    cluster.desk.answer('metrics', () => 'the primary')
    expect(await one?.askAll('metrics', 1_000)).toEqual([
      { number: 0, answer: 'the primary' },
      { number: 1, answer: 1 },
      { number: 2, answer: 2 },
    ])
    expect(await one?.ask(0, 'metrics', null, 1_000)).toBe('the primary')
    cluster.desk.answer('status', never)
    expect(await one?.askAll('status', 30)).toMatchObject([{ number: 0, answer: null }, { number: 1 }, { number: 2 }])
    await expect(one?.ask(0, 'status', null, 30)).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })

  it('does not ask a member that does not serve, and says so of one whose line is closed', async () => {
    await using cluster = openCluster(3)
    const [one] = cluster.all
    for (const { answer, number } of cluster.all) answer('status', () => number)
    cluster.serving.splice(1, 1)
    cluster.lines[2]?.close()
    expect(await one?.askAll('status', 1_000)).toEqual([
      { number: 1, answer: 1 },
      { number: 3, answer: null },
    ])
    await expect(one?.ask(2, 'status', null, 1_000)).rejects.toMatchObject({ code: 'NOT_THERE' })
    await expect(one?.ask(3, 'status', null, 1_000)).rejects.toMatchObject({ code: 'NOT_THERE' })
  })

  it.each(['silent', 'gone'] as const)('is %s: a member answers for itself alone', async (how) => {
    await using cluster = openCluster(2)
    const two = cluster.all[1]
    for (const { answer, number } of cluster.all) answer('status', () => number)
    if (how === 'silent') cluster.lines[1]?.primaryLink.hold()
    else cluster.lines[1]?.close()
    expect(await two?.askAll('status', 30)).toEqual([{ number: 2, answer: 2 }])
    await expect(two?.ask(1, 'status', null, 30)).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: 'The primary did not answer in time.',
    })
  })

  it.each<[string, unknown]>([
    ['no list', { number: 1 }],
    ['entries that are no answers', [1]],
    ['numbers that are none', [{ number: '1', answer: 1 }]],
  ])('says %s: a member answers for itself alone', async (_what, said) => {
    await using line = openClusterLine()
    line.toMember.answer('members.askAll', () => said)
    const members = createIpcMembers({ peer: line.toPrimary, number: 4, here: localMembers() })
    members.answer('status', () => 'own')
    expect(await members.askAll('status', 1_000)).toEqual([{ number: 4, answer: 'own' }])
  })

  it.each<[string, unknown]>([
    ['no list', 'answer'],
    ['another kind', ['other', 1]],
    ['a failure without a code', ['failure']],
  ])('says %s to who asks one: that has failed', async (_what, said) => {
    await using line = openClusterLine()
    line.toMember.answer('members.ask', () => said)
    const members = createIpcMembers({ peer: line.toPrimary, number: 4, here: localMembers() })
    await expect(members.ask(1, 'status', null, 1_000)).rejects.toMatchObject({ name: 'MemberError', code: 'FAILED' })
  })

  it.each<[string, string, unknown]>([
    ['no body', 'members.askAll', null],
    ['a question that there is not', 'members.askAll', ['secrets', 100]],
    ['no deadline', 'members.askAll', ['metrics']],
    ['a deadline that is over', 'members.askAll', ['metrics', 0]],
    ['a deadline that is no number', 'members.askAll', ['metrics', '100']],
    ['a deadline without an end', 'members.askAll', ['metrics', 1e12]],
    ['no number', 'members.ask', [null, 'metrics', null, 100]],
    ['no question', 'members.ask', [1, 'toString', null, 100]],
    ['no deadline for one', 'members.ask', [1, 'metrics', null]],
  ])('refuses %s', async (_what, name, body) => {
    await using cluster = openCluster(1)
    const asked: unknown[] = []
    cluster.all[0]?.answer('metrics', (heard) => asked.push(heard))
    await expect(cluster.lines[0]?.toPrimary.request(name, body, { deadlineMs: 1_000 })).rejects.toMatchObject({
      code: 'FAILED',
    })
    expect(asked).toEqual([])
  })
})
