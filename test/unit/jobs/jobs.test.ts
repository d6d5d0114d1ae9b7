import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import { anonymous } from '../../../src/core/principal.ts'
import type { JobFilter } from '../../../src/ports/ledger.ts'
import { readJobEvent } from '../../../src/services/jobs/job-log.ts'
import { eventually } from '../../support/eventually.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { describeTask, fakePool } from '../../support/fake-pool.ts'
import { openTestMill } from '../../support/open-test-mill.ts'
import { somebody } from '../../support/principals.ts'

describe('finding and listing jobs', () => {
  it("knows the owner's jobs only, but all of them for an administrator with the scope", async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const job = await mill.jobs.submit(owner, 'double', {})
    const admin = somebody({ roles: ['user', 'admin'] })
    expect(await mill.jobs.find(owner, job.id)).toEqual(job)
    expect(await mill.jobs.find(admin, job.id)).toEqual(job)
    expect(await mill.jobs.find(somebody(), job.id)).toBeNull()
    expect(await mill.jobs.find({ ...admin, scopes: ['jobs:read'] }, job.id)).toBeNull()
    expect(await mill.jobs.find(owner, newId('job'))).toBeNull()
    expect(await mill.jobs.find(owner, "' or 1=1 --")).toBeNull()
    expect((await mill.jobs.list(admin, { first: 10, after: null })).edges).toEqual([])
    await expect(mill.jobs.find(anonymous, job.id)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    const writer = somebody({ scopes: ['jobs:write'] })
    await expect(mill.jobs.list(writer, { first: 1, after: null })).rejects.toMatchObject({
      code: 'INSUFFICIENT_SCOPE',
    })
  })

  it('lists the newest first, page by page', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const ids: string[] = []
    for (let n = 0; n < 5; n += 1) ids.unshift((await mill.jobs.submit(owner, 'double', { n })).id)
    await mill.jobs.submit(somebody(), 'double', {})
    const pages: string[][] = []
    for (let after: string | null = null, more = true; more;) {
      const { edges, pageInfo } = await mill.jobs.list(owner, { first: 2, after })
      pages.push(edges.map(({ node }) => node.id))
      expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor)
      more = pageInfo.hasNextPage
      after = pageInfo.endCursor
    }
    expect(pages).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
  })

  it('has no next page where the list ends with the page, and no cursor where it is empty', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    for (let n = 0; n < 2; n += 1) await mill.jobs.submit(owner, 'double', { n })
    const { edges, pageInfo } = await mill.jobs.list(owner, { first: 2, after: null })
    expect([edges.length, pageInfo.hasNextPage]).toEqual([2, false])
    expect(await mill.jobs.list(owner, { first: 2, after: pageInfo.endCursor })).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, endCursor: null },
    })
  })

  it('gives cursors that do not read like the ids that they stand for', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const { id } = await mill.jobs.submit(owner, 'double', {})
    const [edge] = (await mill.jobs.list(owner, { first: 1, after: null })).edges
    expect(edge?.node.id).toBe(id)
    expect(edge?.cursor).toMatch(/^[A-Za-z0-9_-]{40}$/)
    expect(edge?.cursor).not.toContain(id.slice(4))
  })

  it('lists those in some states, of one task, with one tag, or all of that', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock, tasks: [describeTask('double'), describeTask('halve')] })
    const owner = somebody()
    const a = await mill.jobs.submit(owner, 'double', {}, { tags: ['red', 'big'] })
    const b = await mill.jobs.submit(owner, 'halve', {}, { tags: ['red'] })
    const c = await mill.jobs.submit(owner, 'double', {}, { delayMs: 1000 })
    await mill.jobs.submit(somebody(), 'double', {}, { tags: ['red'] })
    await mill.jobs.cancel(owner, b.id)
    const listed = async (filter: JobFilter) => {
      const { edges } = await mill.jobs.list(owner, { first: 10, after: null }, filter)
      return edges.map(({ node }) => node.id)
    }
    expect(await listed({})).toEqual([c.id, b.id, a.id])
    expect(await listed({ states: ['QUEUED'] })).toEqual([a.id])
    expect(await listed({ states: ['SCHEDULED', 'CANCELLED', 'CANCELLED'] })).toEqual([c.id, b.id])
    expect(await listed({ task: 'double' })).toEqual([c.id, a.id])
    expect(await listed({ tag: 'red' })).toEqual([b.id, a.id])
    expect(await listed({ tag: 'red', task: 'double', states: ['QUEUED'] })).toEqual([a.id])
    expect(await listed({ tag: 'green' })).toEqual([])
    const { edges, pageInfo } = await mill.jobs.list(owner, { first: 1, after: null }, { tag: 'red' })
    expect([edges.length, pageInfo.hasNextPage]).toEqual([1, true])
    const next = await mill.jobs.list(owner, { first: 1, after: pageInfo.endCursor }, { tag: 'red' })
    expect(next.edges.map(({ node }) => node.id)).toEqual([a.id])
  })

  it('refuses a filter that no job could pass, with everything that is wrong with it', async () => {
    await using mill = await openTestMill()
    const list = (filter: JobFilter) => mill.jobs.list(somebody(), { first: 10, after: null }, filter)
    await expect(list({ states: [], task: 'No task', tag: '' })).rejects.toMatchObject({
      issues: [
        { path: ['filter', 'states'], message: 'Must name a state, or be left out.' },
        { path: ['filter', 'task'], message: 'Is not a name that a task can have.' },
        { path: ['filter', 'tag'], message: 'Is not a tag that a job can have.' },
      ],
    })
    await expect(list({ states: ['DONE' as 'QUEUED'] })).rejects.toMatchObject({
      issues: [{ path: ['filter', 'states'] }],
    })
    await expect(list({ tag: 'x'.repeat(51) })).rejects.toMatchObject({ issues: [{ path: ['filter', 'tag'] }] })
  })

  it('refuses a page that is too long or starts nowhere', async () => {
    await using mill = await openTestMill()
    const length = { path: ['first'], message: 'Must be a whole number from 1 to 100.' }
    const place = { path: ['after'], message: 'Must be a cursor of an earlier page, as it was given.' }
    for (const first of [0, -1, 101, 1.5, Number.NaN]) {
      await expect(mill.jobs.list(somebody(), { first, after: null })).rejects.toMatchObject({ issues: [length] })
    }
    const cursor = Buffer.from(newId('job')).toString('base64url')
    const user = Buffer.from(newId('user')).toString('base64url')
    expect(await mill.jobs.list(somebody(), { first: 1, after: cursor })).toMatchObject({ edges: [] })
    for (const after of [
      '',
      'job_x',
      newId('job'),
      user,
      `${cursor}!`,
      `${cursor}=`,
      `${cursor}A`,
      ' '.repeat(9_999),
    ]) {
      await expect(mill.jobs.list(somebody(), { first: 1, after })).rejects.toMatchObject({ issues: [place] })
    }
    await expect(mill.jobs.list(somebody(), { first: 0, after: '-' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      issues: [length, place],
    })
  })
})

describe('cancelling a job', () => {
  it('that does not run ends it at once and closes its topic', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const owner = somebody()
    const { id } = await mill.jobs.submit(owner, 'double', {})
    clock.advance(5)
    const at = clock.now()
    expect(await mill.jobs.cancel(owner, id)).toMatchObject({
      state: 'CANCELLED',
      cancelRequestedAt: at,
      finishedAt: at,
    })
    expect(await mill.story(id)).toEqual(['QUEUED', 'CANCELLED.'])
  })

  it('that has ended, or was asked before, changes nothing', async () => {
    const clock = fakeClock()
    await using mill = await openTestMill({ clock })
    const owner = somebody()
    const { id } = await mill.jobs.submit(owner, 'double', {})
    const first = await mill.jobs.cancel(owner, id)
    clock.advance(1000)
    expect(await mill.jobs.cancel(owner, id)).toEqual(first)
    expect(await mill.story(id)).toEqual(['QUEUED', 'CANCELLED.'])
  })

  it('that runs asks it to stop, once, and it can then only end CANCELLED', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const pool = fakePool({ double: () => new Promise(() => undefined) })
    const node = await mill.addNode(pool)
    await node.start()
    const { id } = await mill.jobs.submit(owner, 'double', {})
    await eventually(() => pool.requests.length === 1)
    const asked = await Promise.all([mill.jobs.cancel(owner, id), mill.jobs.cancel(owner, id)])
    expect(asked[0]).toMatchObject({ state: 'RUNNING', cancelRequestedAt: expect.any(Number) })
    expect(asked[1]).toEqual(asked[0])
    await eventually(async () => (await mill.job(id)).state === 'CANCELLED')
    expect(await mill.story(id)).toEqual(['QUEUED', 'RUNNING', 'RUNNING stop', 'CANCELLED.'])
  })

  it('of somebody else is not found, and needs the scope jobs:write', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const { id } = await mill.jobs.submit(owner, 'double', {})
    await expect(mill.jobs.cancel(somebody(), id)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is no such job.',
    })
    await expect(mill.jobs.cancel(owner, newId('job'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(mill.jobs.cancel({ ...owner, scopes: ['jobs:read'] }, id)).rejects.toMatchObject({
      code: 'INSUFFICIENT_SCOPE',
    })
    expect((await mill.job(id)).state).toBe('QUEUED')
    expect((await mill.jobs.cancel(somebody({ roles: ['user', 'admin'] }), id)).state).toBe('CANCELLED')
  })
})

describe('watching a job', () => {
  it('opens with the job as it is and goes on to its end', async () => {
    await using mill = await openTestMill()
    const owner = somebody()
    const { id } = await mill.jobs.submit(owner, 'double', {})
    const stream = await mill.jobs.watch(owner, id, null)
    await mill.jobs.cancel(owner, id)
    const told: string[] = []
    for await (const { body, last } of stream) {
      const event = readJobEvent(body)
      told.push(`${event.type} ${event.job.state}${last ? '.' : ''}`)
    }
    expect(told).toEqual(['JobSnapshot QUEUED', 'JobStateChanged CANCELLED.'])
  })

  it('of somebody else is not found', async () => {
    await using mill = await openTestMill()
    const { id } = await mill.jobs.submit(somebody(), 'double', {})
    await expect(mill.jobs.watch(somebody(), id, null)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(mill.jobs.watch(anonymous, id, null)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })
})
