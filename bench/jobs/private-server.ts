import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { servicePath } from '../../test/support/services.ts'

/** A server of the benchmark's own, in a folder and on a port of its own; ended, and its folder removed, when it is disposed of. */
export interface PrivateServer extends AsyncDisposable {
  readonly port: number
}

/** A Redis that keeps what it has: append-only, synced each second (its default for that). */
export async function startRedis(): Promise<PrivateServer> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-redis-'))
  const port = await freePort()
  const options = { port, dir: folder, bind: '127.0.0.1', save: '', appendonly: 'yes' }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`])
  const child = spawn(servicePath('redis'), args, { stdio: 'ignore' })
  return supervise(child, { port, folder, stopBy: 'SIGTERM', isUp: () => answers(port) })
}

/** A PostgreSQL as `initdb` makes it, whose user is `postgres` without a password. */
export async function startPostgres(): Promise<PrivateServer> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-postgres-'))
  const port = await freePort()
  const user = unprivileged()
  if (user !== null) await chown(folder, user.uid, user.gid)
  const options = { ...user, cwd: folder, stdio: 'ignore' } as const
  const programs = dirname(await realpath(servicePath('postgres')))
  const data = join(folder, 'data')
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8'], options)
  const args = ['-D', data, '-p', `${port}`, '-k', folder, '-h', '127.0.0.1']
  // As `pg_ctl --wait` finds out: it takes connections before it answers them.
  const isUp = async () => (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).includes('ready')
  // SIGINT: a fast shutdown; SIGTERM would wait for the clients.
  return supervise(spawn(join(programs, 'postgres'), args, options), { port, folder, stopBy: 'SIGINT', isUp })
}

/** PostgreSQL refuses root: somebody who may do nothing. `null` for who is not root. */
function unprivileged(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

interface Supervision {
  readonly port: number
  readonly folder: string
  readonly stopBy: NodeJS.Signals
  isUp(): Promise<boolean>
}

const startWithinMs = 20_000

async function supervise(child: ChildProcess, { port, folder, stopBy, isUp }: Supervision): Promise<PrivateServer> {
  const exited = once(child, 'exit')
  async function stop(): Promise<void> {
    child.kill(stopBy)
    await exited
    await rm(folder, { recursive: true, force: true })
  }
  const deadline = performance.now() + startWithinMs
  while (!(await isUp())) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop()
      throw new Error(`${child.spawnfile} does not come up.`)
    }
    await sleep(20)
  }
  return { port, [Symbol.asyncDispose]: stop }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No port is free.')
  return address.port
}
