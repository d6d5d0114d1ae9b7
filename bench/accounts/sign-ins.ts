import { fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pinoLogger } from '../../src/adapters/logging/pino-logger.ts'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { newId } from '../../src/core/ids.ts'
import { makeTestFolder } from '../../test/support/open-test-store.ts'
import { answerOf } from '../answer-of.ts'
import { latencies } from '../latencies.ts'
import { median, percentile } from '../paired-rounds.ts'
import type { SignInAnswers, SignInOrder } from './messages.ts'

const people = 500
const password = 'violet hum table 7'
const rounds = 2
const targetMs = 50

/** How long others wait for an answer while 500 people sign in at once; says whether the target was met. */
export async function benchSignIns(): Promise<boolean> {
  await using folder = await makeTestFolder()
  const settings = { PORT: '0', COMPUTE_THREADS: '1', TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'silent' }
  const config = { ...readConfig(settings), dataDir: join(folder.path, 'data') }
  await using app = await createApp(config, { logger: pinoLogger({ level: 'silent', pretty: false }) })
  const port = await app.listen()
  const first = await app.services.accounts.createUser({
    email: 'first@example.com',
    password,
    displayName: 'First',
    admin: false,
  })
  await enterPeople(join(config.dataDir, 'millrace.sqlite'), first.id)

  const quiet: number[] = []
  const busy: number[] = []
  const burst: number[] = []
  const answers: Record<string, number> = {}
  async function during(withinMs: number): Promise<readonly number[]> {
    const signIns = signIn({ port, people, password, withinMs })
    const measured = await latencies(port, signIns)
    for (const [name, count] of Object.entries((await signIns).counts)) answers[name] = (answers[name] ?? 0) + count
    return measured
  }
  for (let round = 0; round < rounds; round += 1) {
    quiet.push(...(await latencies(port, sleep(2000))))
    busy.push(...(await during(1000)))
    burst.push(...(await during(0)))
  }

  console.log(`{ __typename } while ${people} people sign in, ${rounds} rounds: ms until the answer`)
  console.log(`  nobody signs in             ${describe(quiet)}`)
  console.log(
    `  all begin within a second   ${describe(busy)}  target p99 ${targetMs}: ${isMet(busy) ? 'met' : 'MISSED'}`,
  )
  console.log(`  all begin in one moment     ${describe(burst)}`)
  const shown = Object.entries(answers).map(([name, count]) => `${count} ${name}`)
  console.log(`  answers to the sign-ins: ${shown.join(', ')}`)
  return isMet(busy)
}

/** Accounts with one and the same password: hashing it 500 times would be a benchmark of its own. */
async function enterPeople(path: string, firstId: string): Promise<void> {
  await using store = await sqliteStore({ path })
  await store.write(async ({ accounts }) => {
    const first = await accounts.findUser(firstId)
    if (first === null) throw new Error('The first user is not there.')
    for (let person = 0; person < people; person += 1) {
      const email = `person${person}@example.com`
      await accounts.insertUser({ ...first, id: newId('user'), email }, email)
    }
  })
}

/** Has another process sign people in. */
async function signIn(order: SignInOrder): Promise<SignInAnswers> {
  const child = fork(new URL('generator.ts', import.meta.url))
  child.send(order)
  return answerOf<SignInAnswers>(child)
}

function isMet(latencies: readonly number[]): boolean {
  return percentile(latencies, 0.99) <= targetMs
}

function describe(latencies: readonly number[]): string {
  const figures = [median(latencies), percentile(latencies, 0.99), Math.max(...latencies)]
  const [p50, p99, max] = figures.map((ms) => ms.toFixed(1).padStart(6))
  return `p50 ${p50}  p99 ${p99}  max ${max}  (${latencies.length} requests)`
}
