import { afterEach, describe, expect, it } from 'vitest'
import { localBus } from '../../../src/adapters/local/local-bus.ts'
import { anonymous, type KnownPrincipal } from '../../../src/core/principal.ts'
import type { JobsEvent } from '../../../src/core/job.ts'
import type { LoggedEvent } from '../../../src/ports/event-log.ts'
import type { Store } from '../../../src/ports/store.ts'
import { claimJobs } from '../../../src/services/jobs/claim-jobs.ts'
import { jobsStream } from '../../../src/services/jobs/jobs-stream.ts'
import { jobsTopic } from '../../../src/services/jobs/jobs-log.ts'
import { createHub } from '../../../src/services/streams/hub.ts'
import type { ResumeRequest, StreamItem, TopicStream } from '../../../src/services/streams/stream.ts'
import { enterUser } from '../../contracts/fixtures/account-engines.ts'
import { eventually } from '../../support/eventually.ts'
import { describeTask, done, fakePool, type Script } from '../../support/fake-pool.ts'
import { openTestMill, type TestMill, type TestMillOptions } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'
import { take } from '../streams/open-hub.ts'
import { isIn, never } from './mill-steps.ts'

const hour = 3_600_000
const day = 24 * hour

let opened: TopicStream[] = []

afterEach(async () => {
  for (const stream of opened) await stream.return()
  opened = []
})

async function watch(mill: TestMill, who: KnownPrincipal, resume: ResumeRequest | null = null): Promise<TopicStream> {
  const stream = await mill.jobs.watchAll(who, resume)
  opened.push(stream)
  return stream
}

/** What the log or the snapshot gave. */
const eventOf = ({ body }: Pick<StreamItem, 'body'>) => body as unknown as JobsEvent

/** An event in short: the states of a snapshot's jobs, or the job's new one and whether it was asked to stop. */
function told(item: Pick<StreamItem, 'body'>): string {
  const event = eventOf(item)
  if (event.type === 'JobsSnapshot') return `snapshot ${event.jobs.edges.map(({ node }) => node.state).join()}`
  return event.job.state + (event.job.cancelRequestedAt === null ? '' : ' asked to stop')
}

async function story(stream: TopicStream, count: number): Promise<readonly string[]> {
  return (await take(stream, count)).map(told)
}

const submit = (mill: TestMill, owner: KnownPrincipal) => mill.jobs.submit(owner, 'double', {})

async function openWith(script: Script, options: TestMillOptions = {}) {
  const mill = await openTestMill(options)
  const node = await mill.addNode(fakePool({ double: script }))
  return { mill, node }
}

const talkative: Script = async (_request, listener) => {
  listener.progress({ fraction: 0.5, message: null })
  listener.log('info', 'half')
  await listener.partial({ half: true })
  return done
}

describe('the stream of all jobs of a user', () => {
  it('opens with those that have not ended, newest first, and nobody else’s', async () => {
    await using mill = await openTestMill()
    const [ada, bob] = [somebody(), somebody()]
    const jobs = [await submit(mill, ada), await submit(mill, ada), await submit(mill, ada)]
    await submit(mill, bob)
    await mill.jobs.cancel(ada, jobs[1]?.id ?? '')
    const [first] = await take(await watch(mill, ada), 1)
    expect(first).toMatchObject({ opening: { status: 'fresh', gap: false }, last: false })
    const snapshot = first === undefined ? null : eventOf(first)
    if (snapshot?.type !== 'JobsSnapshot') throw new Error('The stream opens with something else.')
    expect(snapshot.jobs.edges.map(({ node }) => node)).toEqual([await mill.job(jobs[2]?.id ?? ''), jobs[0]])
    expect(snapshot.jobs.pageInfo.hasNextPage).toBe(false)
  })

  it('opens with a hundred of many; the list of jobs has the others', async () => {
    await using mill = await openTestMill()
    const ada = somebody()
    const ids: string[] = []
    for (let n = 0; n < 103; n += 1) ids.unshift((await submit(mill, ada)).id)
    const [first] = await take(await watch(mill, ada), 1)
    const snapshot = first === undefined ? null : eventOf(first)
    if (snapshot?.type !== 'JobsSnapshot') throw new Error('The stream opens with something else.')
    const { edges, pageInfo } = snapshot.jobs
    expect(edges.map(({ node }) => node.id)).toEqual(ids.slice(0, 100))
    expect(pageInfo.hasNextPage).toBe(true)
    const filter = { states: ['SCHEDULED', 'QUEUED', 'RUNNING'] } as const
    const rest = await mill.jobs.list(ada, { first: 100, after: pageInfo.endCursor }, filter)
    expect(rest.edges.map(({ node }) => node.id)).toEqual(ids.slice(100))
  })

  it('tells of each state with the job as of then, and not of what it says while it runs', async () => {
    const { mill, node } = await openWith(talkative)
    await using _mill = mill
    const ada = somebody()
    const stream = await watch(mill, ada)
    expect(await story(stream, 1)).toEqual(['snapshot '])
    const job = await submit(mill, ada)
    await submit(mill, somebody())
    await node.start()
    const events = await take(stream, 3)
    expect(events.map(told)).toEqual(['QUEUED', 'RUNNING', 'SUCCEEDED'])
    expect(events.map(({ last }) => last)).toEqual([false, false, false])
    expect(events[2]?.body).toEqual({ type: 'JobStateChanged', at: expect.any(Number), job: await mill.job(job.id) })
    expect(await mill.story(job.id)).toContain('50 %')
    const second = await submit(mill, ada)
    await eventually(isIn(mill, second.id, 'SUCCEEDED'))
    expect(await story(stream, 3)).toEqual(['QUEUED', 'RUNNING', 'SUCCEEDED'])
  })

  it('tells of another attempt, of a request to stop, and of a job that is over before it began', async () => {
    const retries = { attempts: 2, baseMs: day, capMs: day }
    let attempt = 0
    const { mill, node } = await openWith(
      (...args) => {
        attempt += 1
        return attempt === 1 ? { type: 'failed', error: { code: 'TASK_ERROR', message: 'no' } } : never(...args)
      },
      { tasks: [describeTask('double', { retries })] },
    )
    await using _mill = mill
    const ada = somebody()
    const stream = await watch(mill, ada)
    await node.start()
    await submit(mill, ada)
    expect(await story(stream, 4)).toEqual(['snapshot ', 'QUEUED', 'RUNNING', 'SCHEDULED'])
    const running = await submit(mill, ada)
    expect(await story(stream, 2)).toEqual(['QUEUED', 'RUNNING'])
    await mill.jobs.cancel(ada, running.id)
    expect(await story(stream, 2)).toEqual(['RUNNING asked to stop', 'CANCELLED asked to stop'])
    const later = await mill.jobs.submit(ada, 'double', {}, { delayMs: hour })
    await mill.jobs.cancel(ada, later.id)
    expect(await story(stream, 2)).toEqual(['SCHEDULED', 'CANCELLED asked to stop'])
  })

  it('is there for whoever may read jobs, an API key of the owner as well', async () => {
    await using mill = await openTestMill()
    const ada = somebody()
    await submit(mill, ada)
    const key = somebody({ kind: 'apiKey', userId: ada.userId, scopes: ['jobs:read'], sessionId: null, keyId: 'key_1' })
    expect(await story(await watch(mill, key), 1)).toEqual(['snapshot QUEUED'])
    const root = somebody({ roles: ['user', 'admin'] })
    expect(await story(await watch(mill, root), 1)).toEqual(['snapshot '])
    await expect(mill.jobs.watchAll(anonymous, null)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(mill.jobs.watchAll(somebody({ scopes: ['jobs:write'] }), null)).rejects.toMatchObject({
      code: 'INSUFFICIENT_SCOPE',
    })
  })
})

describe('a stream of all jobs that is resumed', () => {
  const resumeAt = (after: string, onGap: ResumeRequest['onGap'] = 'snapshot'): ResumeRequest => ({ after, onGap })

  it('gives what happened meanwhile, also of a job that is forgotten by now and after a restart', async () => {
    const { mill, node } = await openWith(() => done)
    await using _mill = mill
    const ada = somebody()
    const stream = await watch(mill, ada)
    const [first] = await take(stream, 1)
    await stream.return()
    const job = await submit(mill, ada)
    await node.start()
    await eventually(isIn(mill, job.id, 'SUCCEEDED'))
    await mill.purge(-1000)
    expect(await mill.store.read(({ ledger }) => ledger.find(job.id))).toBeNull()

    const store = await mill.openStore()
    await using hub = createHub({ store, bus: localBus(mill.logger), logger: mill.logger })
    const again = await hub.open({ ...jobsStream(ada.userId, mill.clock), resume: resumeAt(first?.cursor ?? '') })
    const events = await take(again, 3)
    expect(events.map(told)).toEqual(['QUEUED', 'RUNNING', 'SUCCEEDED'])
    expect(events[0]?.opening).toEqual({ status: 'recovered', gap: false, replayed: 3 })
    await again.return()
  })

  it('is told of a gap where nobody had wanted it for long', async () => {
    await using mill = await openTestMill()
    const ada = somebody()
    const stream = await watch(mill, ada)
    const [first] = await take(stream, 1)
    await stream.return()
    await submit(mill, ada)
    await mill.store.write(({ log }) => log.tidy(Date.now() + 3 * day, 10))
    await submit(mill, ada)
    const cursor = first?.cursor ?? ''
    await expect(mill.jobs.watchAll(ada, resumeAt(cursor, 'error'))).rejects.toMatchObject({ code: 'CURSOR_EPOCH' })
    const [item] = await take(await watch(mill, ada, resumeAt(cursor)), 1)
    expect(item).toMatchObject({ opening: { status: 'snapshot', gap: true } })
    expect(item === undefined ? '' : told(item)).toBe('snapshot QUEUED,QUEUED')
  })

  it('never gives the jobs of somebody else, whatever the cursor', async () => {
    await using mill = await openTestMill()
    const [ada, bob] = [somebody(), somebody()]
    const [first] = await take(await watch(mill, ada), 1)
    await submit(mill, ada)
    const resume = resumeAt(first?.cursor ?? '')
    expect(await story(await watch(mill, bob, resume), 1)).toEqual(['snapshot '])
    await expect(mill.jobs.watchAll(bob, { ...resume, onGap: 'error' })).rejects.toMatchObject({ code: 'CURSOR_EPOCH' })
  })
})

describe('the log of all jobs of a user', () => {
  /** A store that counts how often somebody's log was asked for. */
  function counting(store: Store) {
    const asked: string[] = []
    const write: Store['write'] = (work) =>
      store.write((records) => {
        const appendIfThere: typeof records.log.appendIfThere = (topic, ...rest) => {
          asked.push(topic)
          return records.log.appendIfThere(topic, ...rest)
        }
        return work({ ...records, log: { ...records.log, appendIfThere } })
      })
    return { store: { ...store, write }, asked }
  }

  it('costs who does not listen one look for all their jobs of a transaction, and leaves nothing behind', async () => {
    await using mill = await openTestMill()
    const [ada, bob] = [somebody(), somebody()]
    for (const owner of [ada, bob, ada, bob, ada]) await submit(mill, owner)
    const { store, asked } = counting(mill.store)
    const claim = claimJobs({ store, clock: mill.clock, nodeId: 'node_1', tasks: mill.tasks })
    expect(await claim(10)).toHaveLength(5)
    expect(asked).toEqual([jobsTopic(ada.userId), jobsTopic(bob.userId)].toSorted())
    const heads = await mill.store.read(async ({ log }) => [
      await log.head(asked[0] ?? ''),
      await log.head(asked[1] ?? ''),
    ])
    expect(heads.map(({ epoch }) => epoch)).toEqual([heads[0]?.epoch, heads[0]?.epoch])
  })

  it('is written after the jobs’ own, in the order of the names, in the transaction that changes them', async () => {
    await using mill = await openTestMill()
    const owners = [somebody(), somebody(), somebody()]
    for (const owner of owners) await watch(mill, owner)
    const ids: string[] = []
    for (const owner of [...owners, ...owners.toReversed()]) ids.push((await submit(mill, owner)).id)
    const commits: (readonly LoggedEvent[])[] = []
    mill.store.onCommitted((events) => commits.push(events))
    const claim = claimJobs({ store: mill.store, clock: mill.clock, nodeId: 'node_1', tasks: mill.tasks })
    await claim(10)
    const topics = commits.map((events) => events.map(({ topic }) => topic))
    const lists = owners.map(({ userId }) => jobsTopic(userId)).flatMap((topic) => [topic, topic])
    expect(topics).toEqual([[...ids.map((id) => `job:${id}`).toSorted(), ...lists.toSorted()]])
  })

  it('is told by the sweep of jobs whose time has come or whose node is gone', async () => {
    await using mill = await openTestMill()
    const owners = [somebody(), somebody()]
    const streams = await Promise.all(owners.map((owner) => watch(mill, owner)))
    for (const owner of [...owners, ...owners]) await submit(mill, owner)
    await claimJobs({ store: mill.store, clock: mill.clock, nodeId: 'node_gone', tasks: mill.tasks })(10)
    expect(await mill.sweep()).toBe(4)
    for (const stream of streams) {
      const expected = ['snapshot ', 'QUEUED', 'QUEUED', 'RUNNING', 'RUNNING', 'QUEUED', 'QUEUED']
      expect(await story(stream, expected.length)).toEqual(expected)
    }
  })

  it('goes with the account of its user, however long it is', async () => {
    await using mill = await openTestMill({ maxUnfinished: 5000 })
    const ada = somebody({ userId: (await enterUser(mill.store)).id })
    await (await watch(mill, ada)).return()
    for (let n = 0; n < 30; n += 1) await submit(mill, ada)
    const topic = jobsTopic(ada.userId)
    const keep = { until: Date.now() + day, events: 10_000 }
    await mill.store.write(async ({ log }) => {
      for (let n = 0; n < 2500; n += 1) await log.appendIfThere(topic, {}, keep)
    })
    await mill.store.write(({ accounts }) => accounts.deleteUser(ada.userId))
    await mill.purge(day)
    const { head, blank } = await mill.store.read(async ({ log }) => ({
      head: await log.head(topic),
      blank: (await log.blanks())[0],
    }))
    expect(head.epoch).toBe(blank)
  })
})
