import { execFileSync } from 'node:child_process'
import { chown, mkdtemp, readFile, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openPrivateRedis } from '../../test/support/private-redis.ts'
import { freePort, openPrivateServer, type PrivateServer } from '../../test/support/private-server.ts'
import { servicePath } from '../../test/support/services.ts'

/** A Redis that keeps what it has: append-only, synced each second (its default for that). */
export function startRedis(): Promise<PrivateServer> {
  return openPrivateRedis({ appendonly: 'yes' })
}

/** A PostgreSQL as `initdb` makes it, whose user is `postgres` without a password. */
export async function startPostgres(): Promise<PrivateServer> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-postgres-'))
  const port = await freePort()
  const user = unprivileged()
  if (user !== null) await chown(folder, user.uid, user.gid)
  const spawnOptions = { ...user, cwd: folder, stdio: 'ignore' } as const
  const programs = dirname(await realpath(servicePath('postgres')))
  const data = join(folder, 'data')
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8'], spawnOptions)
  const program = join(programs, 'postgres')
  const args = ['-D', data, '-p', `${port}`, '-k', folder, '-h', '127.0.0.1']
  // As `pg_ctl --wait` finds out: it takes connections before it answers them.
  const isUp = async () => (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).includes('ready')
  // SIGINT: a fast shutdown; SIGTERM would wait for the clients.
  return openPrivateServer({ program, args, port, folder, stopBy: 'SIGINT', spawnOptions, isUp })
}

/** PostgreSQL refuses root: somebody who may do nothing. `null` for who is not root. */
function unprivileged(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}
