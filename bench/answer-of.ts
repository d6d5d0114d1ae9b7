import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** The first message of a process, which is then let go. Throws when it ends without one. */
export async function answerOf<Answer>(child: ChildProcess): Promise<Answer> {
  const failed = once(child, 'exit').then(() => {
    throw new Error('The process that makes the requests has ended.')
  })
  const messages: readonly unknown[] = await Promise.race([once(child, 'message'), failed])
  failed.catch(() => undefined)
  child.disconnect()
  return messages[0] as Answer // what the process sends
}
