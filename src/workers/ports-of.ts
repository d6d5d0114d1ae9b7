import type { MessagePort } from 'node:worker_threads'
import type { Part } from './messages.ts'

/** The ports that go to the thread with its part. */
export function portsOf(part: Part): readonly MessagePort[] {
  if (part.type === 'shard') return [part.baggage, part.answer, ...part.lines.filter((line) => line !== null)]
  return part.type === 'reduce' ? [part.baggage, ...part.answers] : []
}
