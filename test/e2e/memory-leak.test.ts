import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type App, createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { eventually } from '../support/eventually.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { type SignedInUser, signUpAt } from '../support/signed-in.ts'

const megabyte = 2 ** 20
/** How fast the leaks are: the limit is a quarter of that. */
const mbPerSecond = 20
const perMinute = mbPerSecond * 60 * megabyte

/** Found within seconds instead of within minutes. */
const memoryPace = {
  sampleMs: 50,
  threadsMs: 100,
  warmUpMs: 200,
  steadyMs: 200,
  windowMs: 8_000,
  maxPoints: 60,
  minPoints: 6,
  minSpanMs: 4_000,
  askMs: 250,
  pauseShare: 1,
  mostMs: 250,
  // No snapshot before the alert.
  grownTimes: Infinity,
  grownBytes: 0,
}

/** The test runner's heap is larger than a server's. */
const unaskedPauseMs = 120_000

interface Alert {
  readonly kind: string
  readonly message: string
  readonly value: number
  readonly unit: string
}

interface Server extends AsyncDisposable {
  readonly app: App
  /** The administrator. */
  readonly root: SignedInUser
  /** The folder of heap snapshots. */
  readonly snapshots: string
}

describe('a leak', () => {
  /** Nothing is refused: collections every quarter of a second make the event loop late. */
  const settings = { PORT: '0', COMPUTE_THREADS: '1', LOAD_SHEDDING: 'off', MEMORY_GROWTH_MB_PER_MINUTE: '300' }

  async function open(): Promise<Server> {
    const opened = new AsyncDisposableStack()
    const { path } = opened.use(await makeTestFolder())
    const taskFolders = [join(import.meta.dirname, 'fixtures/leaks')]
    const config = { ...readConfig({ ...settings, DATA_DIR: path }), taskFolders }
    const app = opened.use(
      await createApp(config, { logger: collectingLogger(), passwordCost: 4, memoryPace, unaskedPauseMs }),
    )
    await app.listen()
    const root = await signUpAt(app.url, 'root', app.setupToken)
    return { app, root, snapshots: join(path, 'snapshots'), [Symbol.asyncDispose]: () => opened.disposeAsync() }
  }

  const growing = async (root: SignedInUser): Promise<Alert | undefined> => {
    const query = '{ alerts(active: true) { nodes { kind message value unit } } }'
    const { alerts } = await root.request<{ alerts: { nodes: readonly Alert[] } }>(query)
    return alerts.nodes.find(({ kind }) => kind === 'MEMORY_GROWTH')
  }

  /** Does something again and again until the alert is there. */
  async function untilTold(root: SignedInUser, leak: () => Promise<unknown>): Promise<Alert> {
    const deadline = Date.now() + 40_000
    for (;;) {
      await leak()
      const alert = await growing(root)
      if (alert !== undefined) return alert
      if (Date.now() > deadline) throw new Error('The leak was not found.')
      await wait(20)
    }
  }

  it('in a resolver is found, with its rate and a snapshot that shows it', { timeout: 120_000 }, async () => {
    await using server = await open()
    const { app, root, snapshots } = server
    const kept: LeakedRows[] = []
    const me = app.schema.getQueryType()?.getFields()['me']
    if (me === undefined) throw new Error('There is no such field.')
    const { resolve } = me
    const since = performance.now()
    me.resolve = (...given) => {
      while (kept.length < ((performance.now() - since) / 1_000) * mbPerSecond) kept.push(new LeakedRows())
      return resolve?.(...given)
    }

    const alert = await untilTold(root, () => root.request('{ me { displayName } }'))
    expect(alert).toMatchObject({ unit: 'BYTES_PER_MINUTE' })
    expect(alert.message).toMatch(/^What the process holds after garbage collection has grown steadily by /)
    expect(alert.value / perMinute).toBeGreaterThan(0.7)
    expect(alert.value / perMinute).toBeLessThan(1.3)

    const { name, strings } = await loadSnapshot(snapshots)
    expect(name).toMatch(/-MEMORY_GROWTH-m1-p\d+-\d+-\d+\.heapsnapshot$/)
    expect(strings).toContain('LeakedRows')
  })

  it(
    'in a task is found, with its rate, its thread, its name and a snapshot of that thread',
    { timeout: 120_000 },
    async () => {
      await using server = await open()
      const { root, snapshots } = server
      const leakRows = `mutation { leakRows(input: { mbPerSecond: ${mbPerSecond} }, options: { waitMs: 20000 }) {
      ... on LeakRowsAccepted { job { state } }
    } }`
      const alert = await untilTold(root, async () => {
        expect(await root.request(leakRows)).toEqual({ leakRows: { job: { state: 'SUCCEEDED' } } })
      })
      const sentence = /^What thread (\d+), which ran leakRows last, holds after garbage collection has grown/
      const [, thread] = sentence.exec(alert.message) ?? []
      expect(alert.message).toMatch(sentence)
      expect(alert.value / perMinute).toBeGreaterThan(0.7)
      expect(alert.value / perMinute).toBeLessThan(1.3)

      const { name, strings } = await loadSnapshot(snapshots)
      expect(name).toMatch(new RegExp(`-MEMORY_GROWTH-m1-p\\d+-t${thread}-\\d+-\\d+\\.heapsnapshot$`))
      expect(strings).toContain('RowsOfTheTask')
      // That the thread stood still for it cost no job.
      expect(await root.request(leakRows)).toEqual({ leakRows: { job: { state: 'SUCCEEDED' } } })
      const listed = '{ heapSnapshots { reason threadId } jobs { nodes { state } } }'
      const { heapSnapshots, jobs } = await root.request<Listed>(listed)
      expect(heapSnapshots).toEqual([{ reason: 'MEMORY_GROWTH', threadId: Number(thread) }])
      expect(new Set(jobs.nodes.map(({ state }) => state))).toEqual(new Set(['SUCCEEDED']))
    },
  )
})

interface Listed {
  readonly heapSnapshots: readonly { readonly reason: string; readonly threadId: number | null }[]
  readonly jobs: { readonly nodes: readonly { readonly state: string }[] }
}

/** The first snapshot, once it is whole. */
async function loadSnapshot(folder: string): Promise<{ readonly name: string; readonly strings: readonly string[] }> {
  const finished = async () => (await readdir(folder)).filter((name) => name.endsWith('.heapsnapshot'))
  await eventually(async () => (await finished()).length > 0, 60_000)
  const [name = ''] = await finished()
  const { snapshot, nodes, strings } = JSON.parse(await readFile(join(folder, name), 'utf8'))
  expect(nodes).toHaveLength(snapshot.node_count * snapshot.meta.node_fields.length)
  return { name, strings }
}

/** 1 MB. */
class LeakedRows {
  readonly numbers = Array.from({ length: 2 ** 17 }, () => 0.5)
}
