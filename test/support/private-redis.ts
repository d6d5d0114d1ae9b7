import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort, openPrivateServer, type PrivateServer, takesConnections } from './private-server.ts'
import { selfSigned } from './self-signed.ts'
import { servicePath } from './services.ts'

/** A Redis of the test's own. */
export interface PrivateRedis extends PrivateServer {
  readonly url: string
  /** Asks it one thing over a connection of its own, such as `command('flushall')`. */
  command(name: string, ...args: readonly string[]): Promise<unknown>
}

/** The options of redis-server, such as `{ requirepass: 'secret' }`. */
export type RedisServerOptions = Readonly<Record<string, string>>

/** Starts a Redis that keeps nothing on disk, unless the options say otherwise. */
export async function openPrivateRedis(options: RedisServerOptions = {}): Promise<PrivateRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-redis-'))
  const port = await freePort()
  const given = { port, dir: folder, bind: '127.0.0.1', save: '', ...options }
  const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, `${value}`])
  return start({ port, folder, args, ...(options['requirepass'] ? { password: options['requirepass'] } : {}) })
}

/** Starts a Redis that speaks TLS only, with a certificate that nobody trusts by default. */
export async function openTlsRedis(): Promise<PrivateRedis & { readonly cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-redis-'))
  const port = await freePort()
  const { cert, key } = selfSigned()
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  await Promise.all([writeFile(certFile, cert), writeFile(keyFile, key)])
  const tls = { 'tls-port': port, 'tls-cert-file': certFile, 'tls-key-file': keyFile, 'tls-auth-clients': 'no' }
  const given = { port: 0, dir: folder, bind: '127.0.0.1', save: '', ...tls }
  const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, `${value}`])
  return { ...(await start({ port, folder, args, cert })), cert }
}

/** Starts a Sentinel, which alone decides, of the master at the port; a master that is silent for a second is down. */
export async function openPrivateSentinel(masterPort: number): Promise<PrivateRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-sentinel-'))
  const port = await freePort()
  const config = join(folder, 'sentinel.conf')
  const lines = [
    `port ${port}`,
    `dir ${folder}`,
    'bind 127.0.0.1',
    `sentinel monitor main 127.0.0.1 ${masterPort} 1`,
    'sentinel down-after-milliseconds main 1000',
    'sentinel failover-timeout main 3000',
  ]
  await writeFile(config, `${lines.join('\n')}\n`)
  return start({ port, folder, args: [config, '--sentinel'] })
}

interface Start {
  readonly port: number
  readonly folder: string
  readonly args: readonly string[]
  readonly password?: string
  /** Where it speaks TLS. */
  readonly cert?: string
}

async function start({ port, folder, args, password, cert }: Start): Promise<PrivateRedis> {
  const program = servicePath('redis')
  const isUp = () => takesConnections(port)
  const server = await openPrivateServer({ program, args, port, folder, stopBy: 'SIGKILL', isUp })
  const login = password === undefined ? '' : `:${encodeURIComponent(password)}@`
  return {
    ...server,
    url: `${cert === undefined ? 'redis' : 'rediss'}://${login}127.0.0.1:${port}`,
    async command(name, ...rest) {
      const own = {
        ...(password === undefined ? {} : { password }),
        ...(cert === undefined ? {} : { tls: { ca: cert } }),
      }
      const client = new Redis({ port, host: '127.0.0.1', enableReadyCheck: false, ...own })
      try {
        return await client.call(name, ...rest)
      } finally {
        client.disconnect()
      }
    },
  }
}
