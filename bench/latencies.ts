import { fork } from 'node:child_process'
import { answerOf } from './answer-of.ts'

/** What the process that asks is told. */
export type LatencyOrder = { readonly port: number } | 'stop'

/** The ms that `{ __typename }` took another process, which asks for it every 10 ms until that is done. */
export async function latencies(port: number, until: Promise<unknown>): Promise<readonly number[]> {
  const child = fork(new URL('latency-generator.ts', import.meta.url))
  child.send({ port } satisfies LatencyOrder)
  await until
  child.send('stop' satisfies LatencyOrder)
  return answerOf<readonly number[]>(child)
}
