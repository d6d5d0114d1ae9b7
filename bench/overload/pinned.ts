import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SignedInUser, signUpAt } from '../../test/support/signed-in.ts'
import { type AskedProcess, openAskedProcess } from '../asked-process.ts'
import type { LoadOrder, LoadOutcome, OpenServer, ServerOrder, Watched } from './messages.ts'

/** A server on a core of its own. */
export interface PinnedServer extends AsyncDisposable {
  readonly port: number
  readonly user: SignedInUser
  ask(order: ServerOrder): Promise<unknown>
}

const serverCore = 0
const generatorCore = 1

export function assertTwoCores(): void {
  if (process.platform !== 'linux' || availableParallelism() < 2)
    throw new Error('This benchmark needs Linux, and two cores: one for the server, one for who asks.')
}

/** Starts one in a folder of its own, with an administrator. */
export async function openPinnedServer(shedding: 'on' | 'off', stopped: AbortSignal): Promise<PinnedServer> {
  await using opened = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'millrace-overload-'))
  opened.defer(() => rm(folder, { recursive: true }))
  const server = opened.use(openAskedProcess(new URL('server.ts', import.meta.url), 'the server', stopped))
  pin(server, serverCore)
  const order: ServerOrder = { kind: 'open', folder, shedding }
  const { port, url, setupToken } = (await server.ask(order)) as OpenServer // its answer to that
  const user = await signUpAt(url, 'user', setupToken)
  const resources = opened.move()
  return { port, user, ask: server.ask, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

/** Who asks, on the other core. */
export interface PinnedGenerator extends AsyncDisposable {
  connect(port: number, connections: number): Promise<void>
  /** Requests answered in a second, over so many connections. */
  saturate(request: string, connections: number, ms: number): Promise<number>
  offer(order: Omit<Extract<LoadOrder, { kind: 'offer' }>, 'kind'>): Promise<readonly LoadOutcome[]>
}

export function openPinnedGenerator(stopped: AbortSignal): PinnedGenerator {
  const generator = openAskedProcess(new URL('generator.ts', import.meta.url), 'the generator', stopped)
  pin(generator, generatorCore)
  const ask = (order: LoadOrder) => generator.ask(order)
  return {
    async connect(port, connections) {
      await ask({ kind: 'connect', port, connections })
    },
    async saturate(request, connections, ms) {
      const answer = await ask({ kind: 'saturate', request, connections, ms })
      const { accepted, failed, seconds } = answer as LoadOutcome // its answer to that
      if (failed > 0) throw new Error(`${failed} requests were not answered with data.`)
      return accepted / seconds
    },
    offer: async (order) => (await ask({ kind: 'offer', ...order })) as readonly LoadOutcome[], // its answer to that
    [Symbol.asyncDispose]: () => generator[Symbol.asyncDispose](),
  }
}

/** What the server did while something was done. */
export async function watched<T>(server: PinnedServer, work: () => Promise<T>): Promise<readonly [T, Watched]> {
  await server.ask({ kind: 'watch' })
  const result = await work()
  return [result, (await server.ask({ kind: 'watched' })) as Watched] // its answer to that
}

/** Has all threads of a process, and those that it starts later, run on one core. */
function pin({ child }: AskedProcess, core: number): void {
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(child.pid)], { stdio: 'ignore' })
}
