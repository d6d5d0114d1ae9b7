import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import type { Piscina } from 'piscina'
import { TaskFileError, type TaskDescription } from '../../ports/compute-pool.ts'
import type { DescribeAnswer, DescribeOrder } from '../messages.ts'

/** Has one thread load and describe all tasks. Rejects with a `TaskFileError`, also for a file that never ends loading. */
export async function askForDescriptions(piscina: Piscina, deadlineMs: number): Promise<readonly TaskDescription[]> {
  const { port1, port2 } = new MessageChannel()
  let loading = ''
  const deadline = new AbortController()
  const waitOn = (): NodeJS.Timeout => setTimeout(() => deadline.abort(), deadlineMs)
  let timer = waitOn()
  const onLoading = (file: string): void => {
    loading = file
    clearTimeout(timer)
    timer = waitOn()
  }
  port1.on('message', onLoading)
  try {
    const order: DescribeOrder = { port: port2 }
    // Piscina's types are older than Node's, and know nothing of what a function of the thread answers.
    const options = { name: 'describe', signal: deadline.signal, transferList: [port2] as never }
    const answer = (await piscina.run(order, options)) as DescribeAnswer
    if (answer.type === 'described') return answer.tasks
    throw new TaskFileError(answer.message)
  } catch (error) {
    // The last words of a thread that ended may not have been an event yet.
    for (let left = receiveMessageOnPort(port1); left !== undefined; left = receiveMessageOnPort(port1))
      // The other end only ever sends file names.
      onLoading(left.message as string)
    if (error instanceof TaskFileError) throw error
    const late = deadline.signal.aborted
    if (loading !== '') throw new TaskFileError(whyNotLoaded(loading, error, late ? deadlineMs : null))
    throw late ? new Error(`No compute thread came up within ${deadlineMs / 1_000} seconds.`, { cause: error }) : error
  } finally {
    clearTimeout(timer)
    port1.close()
  }
}

function whyNotLoaded(file: string, error: unknown, tookMs: number | null): string {
  const remedy = 'Do work only inside `run`.'
  if (tookMs !== null) return `${file}: It is still being loaded after ${tookMs / 1_000} seconds. ${remedy}`
  const why = error instanceof Error ? error.message : String(error)
  return `${file}: The thread that loaded it ended (${why}). ${remedy}`
}
