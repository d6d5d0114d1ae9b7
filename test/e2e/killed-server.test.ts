import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import { describe, expect, it } from 'vitest'
import { subscribe, type TransportName } from '../../client/subscribe.ts'
import { resuming } from '../../examples/clients/resuming.ts'
import { eventually } from '../support/eventually.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { startServer } from '../support/server-process.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'
import { tickTask } from './fixtures/tick-task.ts'

interface Frame {
  readonly data?: { readonly job?: { readonly job: { readonly state: string } } } | null
  readonly extensions?: { readonly resume?: { readonly cursor: string; readonly gap?: boolean } }
}

/** Somebody who watches a job from its first event on. */
interface Watcher extends AsyncDisposable {
  readonly frames: readonly Frame[]
  /** Resolves when the subscription is complete. */
  readonly done: Promise<void>
}

interface Watched {
  /** Of the server. */
  readonly url: string
  readonly headers: SignedInUser['headers']
  readonly operation: { readonly query: string; readonly variables: { readonly id: string } }
}

function withOwnClient(transport: TransportName, { url, headers, operation }: Watched): Watcher {
  const frames: Frame[] = []
  const subscription = subscribe({ url: `${url}/graphql`, operation, transport, headers, after: 'earliest' })
  const follow = async () => {
    for await (const frame of subscription) frames.push(frame)
  }
  return { frames, done: follow(), [Symbol.asyncDispose]: () => subscription[Symbol.asyncDispose]() }
}

function withStockClient({ url, headers, operation }: Watched): Watcher {
  const frames: Frame[] = []
  const client = resuming(
    createClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`,
      connectionParams: { ...headers },
      retryAttempts: Infinity,
      shouldRetry: () => true,
      retryWait: () => sleep(50),
    }),
  )
  const done = new Promise<void>((resolve, reject) => {
    const payload = { ...operation, extensions: { resume: { after: 'earliest' } } }
    // What the operation asks for.
    client.subscribe(payload, { next: (frame) => frames.push(frame as Frame), error: reject, complete: resolve })
  })
  return { frames, done, [Symbol.asyncDispose]: async () => client.dispose() }
}

const offsetOf = ({ extensions }: Frame) => Number.parseInt(extensions?.resume?.cursor.split('.')[2] ?? '', 36)
const stateOf = ({ data }: Frame | undefined = {}) => data?.job?.job.state

/** Waits until each has been told so much more than now. */
async function seeMore(watchers: readonly Watcher[], count: number): Promise<void> {
  const before = watchers.map(({ frames }) => frames.length)
  await eventually(() => watchers.every(({ frames }, at) => frames.length >= (before[at] ?? 0) + count), 30_000)
}

describe('a server that is killed and started anew at its address', () => {
  it('leaves no subscription without an event, or with one twice, to the end of the job', async () => {
    await using folder = await makeTestFolder()
    const tasks = join(folder.path, 'tasks')
    const dataDir = join(folder.path, 'data')
    const untilFile = join(folder.path, 'enough')
    await mkdir(tasks)
    await writeFile(join(tasks, 'tick.ts'), tickTask)
    const settings = { MILLRACE_TASKS: tasks }
    await using first = await startServer(dataDir, settings)
    const { url } = first
    const user = await signUpAt(url, 'ada', first.setupToken)
    const submitted = await user.request<{ tick: { job: { id: string } } }>(
      'mutation ($input: TickInput!) { tick(input: $input) { ... on TickAccepted { job { id } } } }',
      { input: { untilFile } },
    )
    const operation = {
      query: `subscription ($id: ID!) { job(id: $id) { __typename at job { id state } } }`,
      variables: { id: submitted.tick.job.id },
    }
    const watched = { url, headers: user.headers, operation }
    const transports = ['ws', 'sse', 'poll'] as const
    await using stack = new AsyncDisposableStack()
    const watchers = [...transports.map((name) => withOwnClient(name, watched)), withStockClient(watched)]
    for (const watcher of watchers) stack.use(watcher)
    const done = Promise.all(watchers.map((watcher) => watcher.done))

    // Whoever gives up tells why.
    await Promise.race([seeMore(watchers, 10), done])
    await first.stop('SIGKILL')
    await using second = await startServer(dataDir, { ...settings, PORT: new URL(url).port })
    expect(second.url).toBe(url)
    await Promise.race([seeMore(watchers, 10), done])
    await writeFile(untilFile, '')
    await done

    const [{ frames } = { frames: [] }] = watchers
    expect(frames.map(offsetOf)).toEqual(frames.map((_, index) => index + 1))
    const states = frames.map(stateOf)
    expect(states.lastIndexOf('QUEUED')).toBeGreaterThan(states.indexOf('RUNNING'))
    expect(states.at(-1)).toBe('SUCCEEDED')
    for (const watcher of watchers) {
      expect(watcher.frames.map(offsetOf)).toEqual(frames.map(offsetOf))
      expect(watcher.frames.map((frame) => frame.data)).toEqual(frames.map((frame) => frame.data))
      expect(watcher.frames.filter(({ extensions }) => extensions?.resume?.gap === true)).toEqual([])
    }
  }, 90_000)
})
