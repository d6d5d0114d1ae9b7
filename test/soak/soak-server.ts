import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { endProcess, nextMessage } from '../../bench/asked-process.ts'
import { unlimited } from '../../bench/unlimited.ts'
import type { Sample } from './sample.ts'

/** A server in a process of its own that tells what it holds. Disposing of it ends the process. */
export interface SoakServer extends AsyncDisposable {
  readonly pid: number
  readonly port: number
  readonly setupToken: string
  /** Waits until it is at rest, has it collect its garbage, and tells what is left. Throws when the server ends meanwhile. */
  sample(): Promise<Sample>
}

export interface SoakServerOptions {
  readonly dataDir: string
  /** Whether it leaks on purpose. */
  readonly leaks: boolean
}

export async function openSoakServer({ dataDir, leaks }: SoakServerOptions): Promise<SoakServer> {
  const child = fork(fileURLToPath(new URL('fixtures/server.ts', import.meta.url)), {
    execArgv: ['--expose-gc'],
    env: {
      PATH: process.env['PATH'],
      ...unlimited,
      DATA_DIR: dataDir,
      PORT: '0',
      COMPUTE_THREADS: '2',
      JOBS_PER_USER: '1000000',
      // What is refused would not be done.
      LOAD_SHEDDING: 'off',
      MEMORY_LOG_SECONDS: '0',
      MILLRACE_TASKS: fileURLToPath(new URL('fixtures/tasks/', import.meta.url)),
      TASK_RELOAD: 'off',
      ...(leaks && { SOAK_LEAKS: 'yes' }),
    },
  })
  const end = () => endProcess(child)
  try {
    const { port, setupToken } = await nextMessage<{ port: number; setupToken: string }>(child, 'the soak')
    return {
      pid: child.pid ?? 0,
      port,
      setupToken,
      async sample() {
        child.send('sample')
        return nextMessage<Sample>(child, 'the soak')
      },
      [Symbol.asyncDispose]: end,
    }
  } catch (error) {
    await end()
    throw error
  }
}
