import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { subscribe, type TransportName } from '../../client/subscribe.ts'
import { isGone, membersOf } from '../chaos/processes.ts'
import { eventually } from '../support/eventually.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'
import { tickTask } from './fixtures/tick-task.ts'

const members = 4

interface Attempts {
  readonly job: { readonly history: readonly { readonly node: string }[] }
}

interface Told {
  readonly cursors: readonly string[]
  readonly states: readonly string[]
  readonly done: Promise<void>
}

/** Follows a job from its first event to its end over one transport, whatever dies meanwhile. */
function follow(url: string, { headers }: SignedInUser, id: string, transport: TransportName): Told {
  const query = 'subscription ($id: ID!) { job(id: $id) { __typename job { state } } }'
  const cursors: string[] = []
  const states: string[] = []
  const frames = subscribe({
    url: `${url}/graphql`,
    operation: { query, variables: { id } },
    transport,
    headers,
    after: 'earliest',
  })
  const followAll = async () => {
    for await (const { data, extensions } of frames) {
      expect(extensions?.resume?.gap ?? false).toBe(false)
      cursors.push(extensions?.resume?.cursor ?? '')
      const event = data?.['job'] as { readonly job: { readonly state: string } } | undefined // as asked
      states.push(event?.job.state ?? 'nothing')
    }
  }
  return { cursors, states, done: followAll() }
}

const offsetOf = (cursor: string) => Number.parseInt(cursor.split('.')[2] ?? '', 36)

describe('a cluster of which processes die', () => {
  it('goes on with the job of a killed member, then of a killed primary, and no stream notices', async () => {
    await using folder = await makeTestFolder()
    const tasks = join(folder.path, 'tasks')
    await mkdir(tasks)
    await writeFile(join(tasks, 'tick.ts'), tickTask)
    const untilFile = join(folder.path, 'enough')
    const settings = { MILLRACE_TASKS: tasks, TASK_RELOAD: 'off', WEB_CONCURRENCY: String(members), LOG_LEVEL: 'warn' }
    const dataDir = join(folder.path, 'data')
    await using first = await startServer(dataDir, settings)
    const { url } = first
    const ada = await signUpAt(url, 'ada', first.setupToken)
    const submitted = await ada.request<{ tick: { job: { id: string } } }>(
      'mutation ($input: TickInput!) { tick(input: $input) { ... on TickAccepted { job { id } } } }',
      { input: { untilFile } },
    )
    const { id } = submitted.tick.job
    const watchers = (['ws', 'sse', 'poll'] as const).map((transport) => follow(url, ada, id, transport))
    const done = Promise.all(watchers.map((watcher) => watcher.done))
    const seeMore = async (count: number) => {
      const before = watchers.map(({ cursors }) => cursors.length)
      const see = eventually(
        () => watchers.every(({ cursors }, at) => cursors.length >= (before[at] ?? 0) + count),
        60_000,
      )
      await Promise.race([see, done])
    }
    /** The nodes on which it was tried so far, the present one last. */
    const nodes = async () => {
      const { job } = await ada.request<Attempts>('query ($id: ID!) { job(id: $id) { history { node } } }', { id })
      return job.history.map(({ node }) => node)
    }

    await seeMore(10)
    const [worksOn] = await nodes()
    const victim = membersOf(first.pid).find(({ nodeId }) => nodeId === worksOn)
    process.kill(victim?.pid ?? NaN, 'SIGKILL')
    await seeMore(10)
    await eventually(() => membersOf(first.pid).length === members, 30_000)

    const orphans = membersOf(first.pid)
    process.kill(first.pid, 'SIGKILL')
    await eventually(() => isGone(first.pid))
    await using second = await startServer(dataDir, { ...settings, PORT: new URL(url).port })
    await eventually(() => orphans.every(({ pid }) => isGone(pid)))
    await seeMore(10)
    const tried = await nodes()
    expect(tried.length).toBeGreaterThanOrEqual(3)
    expect(new Set(tried).size).toBe(tried.length)
    expect(second.url).toBe(url)
    await writeFile(untilFile, '')
    await done

    for (const { cursors, states } of watchers) {
      expect(cursors.map(offsetOf)).toEqual(cursors.map((_, index) => index + 1))
      expect(states.at(-1)).toBe('SUCCEEDED')
    }
  }, 180_000)
})

/** What is left of a cluster that was ended by `end`, and the status of its primary. */
async function endCluster(end: (server: ServerProcess) => Promise<number | null>) {
  await using folder = await makeTestFolder()
  await using server = await startServer(folder.path, { WEB_CONCURRENCY: '2' })
  const all = membersOf(server.pid)
  expect(all).toHaveLength(2)
  const code = await end(server)
  await eventually(() => all.every(({ pid }) => isGone(pid)))
  return { code, left: all.filter(({ pid }) => !isGone(pid)) }
}

describe('a cluster that is asked to end', () => {
  it('leaves no process behind on Ctrl-C, which all of its processes hear', async () => {
    const { code, left } = await endCluster((server) => {
      for (const { pid } of membersOf(server.pid)) process.kill(pid, 'SIGINT')
      return server.stop('SIGINT')
    })
    expect({ code, left }).toEqual({ code: 0, left: [] })
  }, 60_000)

  it('ends at once when it is asked a second time', async () => {
    const { code, left } = await endCluster(async (server) => {
      const ada = await signUpAt(server.url, 'ada', server.setupToken)
      await ada.request(
        'mutation { computeFibonacci(input: { n: 45 }) { ... on ComputeFibonacciAccepted { job { id } } } }',
      )
      await eventually(async () => {
        const { jobs } = await ada.request<{ jobs: { nodes: { state: string }[] } }>('{ jobs { nodes { state } } }')
        return jobs.nodes.some(({ state }) => state === 'RUNNING')
      }, 30_000)
      process.kill(server.pid, 'SIGTERM')
      await eventually(() => server.output().includes('Stopping: running jobs may finish.'))
      return server.stop('SIGTERM')
    })
    // By the signal itself.
    expect({ code, left }).toEqual({ code: null, left: [] })
  }, 60_000)
})
