import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server of a test's or a benchmark's own, in a folder and on a port of its own; ended, and its folder removed, when it is disposed of. */
export interface PrivateServer extends AsyncDisposable {
  readonly port: number
  /** Stops its process as it stands. It holds what it has, answers nothing, and its port takes connections. */
  freeze(): void
  thaw(): void
  /** Ends its process without a warning. Resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again, on its port and in its folder, after it was killed. Resolves when it is up. */
  restart(): Promise<void>
}

export interface PrivateServerOptions {
  readonly program: string
  readonly args: readonly string[]
  readonly port: number
  readonly folder: string
  readonly stopBy: NodeJS.Signals
  readonly spawnOptions?: SpawnOptions
  isUp(): Promise<boolean>
}

const startWithinMs = 20_000

/** Ends the server when this process ends, in whatever way: a test that is stuck disposes of nothing. */
function endWithThisProcess(server: ChildProcess): void {
  const guard = spawn('sh', ['-c', 'read _; kill -9 "$0"', `${server.pid}`], { stdio: ['pipe', 'ignore', 'ignore'] })
  guard.unref()
  server.once('exit', () => guard.kill('SIGKILL'))
}

/** Starts it; resolves when it is up. */
export async function openPrivateServer(options: PrivateServerOptions): Promise<PrivateServer> {
  const { port, folder, stopBy } = options
  let child = await startChild(options)

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (hasEnded(child)) return
    const exited = once(child, 'exit')
    child.kill(signal)
    // One that is frozen hears of nothing else.
    child.kill('SIGCONT')
    await exited
  }

  return {
    port,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGKILL')
      child = await startChild(options)
    },
    async [Symbol.asyncDispose]() {
      await end(stopBy)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function startChild({ program, args, folder, spawnOptions, isUp }: PrivateServerOptions): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: 'ignore', ...spawnOptions })
  endWithThisProcess(child)
  const deadline = performance.now() + startWithinMs
  while (!(await isUp())) {
    if (hasEnded(child) || performance.now() > deadline) {
      child.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
      throw new Error(`${program} does not come up.`)
    }
    await sleep(20)
  }
  return child
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** Whether somebody takes connections there. */
export function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No port is free.')
  return address.port
}
