import { type HeapSnapshot, heapSnapshotReasons } from '../../core/heap-snapshot.ts'
import { isId } from '../../core/ids.ts'

/** What a snapshot's file is named by. Its size is that of the file. */
export type NamedFacts = Omit<HeapSnapshot, 'sizeBytes'>

const shape =
  /^([a-z]+_[0-9a-z]{26})-([A-Z_]+)-m(\d{1,9})-p(\d{1,10})(?:-t(\d{1,10}))?-(\d{1,15})-(\d{1,9})\.heapsnapshot$/

/**
 * `hsn_….-HEAP_HIGH-m2-p4711-1893456000000-3500.heapsnapshot`: browsers' developer tools go by the ending. That of the thread 3 has `-t3`
 * behind the number of the process.
 */
export function nameOf({ id, reason, member, pid, threadId, takenAt, pausedMs }: NamedFacts): string {
  const thread = threadId === null ? '' : `-t${threadId}`
  return `${id}-${reason}-m${member}-p${pid}${thread}-${takenAt}-${pausedMs ?? 0}.heapsnapshot`
}

/** `null` for what is no snapshot. */
export function readName(name: string): NamedFacts | null {
  const [, id = '', reasonName, member, pid, threadId, takenAt, pausedMs] = shape.exec(name) ?? []
  const reason = heapSnapshotReasons.find((each) => each === reasonName)
  if (!isId('heapSnapshot', id) || reason === undefined) return null
  const ms = Number(pausedMs)
  return {
    id,
    reason,
    member: Number(member),
    pid: Number(pid),
    threadId: threadId === undefined ? null : Number(threadId),
    takenAt: Number(takenAt),
    pausedMs: ms === 0 ? null : ms,
  }
}

const unfinishedShape = /^([a-z]+_[0-9a-z]{26})-p(\d{1,10})\.unfinished$/

/** The name of one that a process is writing. */
export function unfinishedNameOf(id: string, pid: number): string {
  return `${id}-p${pid}.unfinished`
}

/** The process that writes it, or did; `null` for what is something else. */
export function writerOf(name: string): number | null {
  const [, id = '', pid] = unfinishedShape.exec(name) ?? []
  return isId('heapSnapshot', id) ? Number(pid) : null
}
