import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '../../test/support/eventually.ts'
import { makeTestFolder } from '../../test/support/open-test-store.ts'
import { type ServerProcess, startServer } from '../../test/support/server-process.ts'
import { signUpAt } from '../../test/support/signed-in.ts'
import { median } from '../paired-rounds.ts'
import { now } from './now.ts'
import { taskFolder } from './open-millrace.ts'
import { printFigure } from './print-figure.ts'

const rounds = 3

/** How long work stands still when the process of a server is killed and started again; says whether the target was met. */
export async function benchRecovery(opened: AsyncDisposableStack): Promise<boolean> {
  const listening: number[] = []
  const working: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const times = await recover(opened)
    listening.push(times.listening)
    working.push(times.working)
  }
  console.log(`kill -9 of \`millrace start\` with running jobs, then the same command; median of ${rounds}`)
  printFigure('until it listens again', median(listening), 's')
  return printFigure('until the task of a job that was running begins again', median(working), 's', { most: 2 })
}

async function recover(opened: AsyncDisposableStack) {
  const folder = opened.use(await makeTestFolder())
  const file = join(folder.path, 'starts.txt')
  const start = async () => opened.use(await startServer(join(folder.path, 'data'), { MILLRACE_TASKS: taskFolder }))
  const first = await start()
  await holdThreads(first, file)
  await eventually(async () => (await starts(file)).length === 2)
  const killed = now()
  await first.stop('SIGKILL')
  const second = await start()
  const listening = (now() - killed) / 1000
  await eventually(async () => (await starts(file)).length === 4, 30_000)
  const again = (await starts(file)).filter(({ attempt }) => attempt === 2)
  await second.stop('SIGKILL')
  return { listening, working: (Math.max(...again.map(({ at }) => at)) - killed) / 1000 }
}

async function holdThreads({ url, setupToken }: ServerProcess, file: string): Promise<void> {
  const { request } = await signUpAt(url, 'bench', setupToken)
  const query = 'mutation ($input: JSON!) { submitJob(task: "benchHold", input: $input) { __typename } }'
  for (let job = 0; job < 2; job += 1) await request(query, { input: { file } })
}

async function starts(file: string) {
  const text = await readFile(file, 'utf8').catch(() => '')
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => {
    const [attempt, at] = line.split(' ').map(Number)
    return { attempt: attempt ?? 0, at: at ?? 0 }
  })
}
