import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** A process of a cluster that serves and runs jobs. */
export interface Member {
  readonly pid: number
  /** The node under which it runs jobs; `null` where the machine does not tell what a process was started with. */
  readonly nodeId: string | null
}

/** The members of a primary; none of a server that is alone, or gone. */
export function membersOf(primary: number): readonly Member[] {
  return childrenOf(primary).map((pid) => ({ pid, nodeId: nodeOf(pid) }))
}

/** Sends the signal; `false` when there is no such process any more. */
export function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

/** Whether the process has ended; one that nobody has asked for its status yet has. */
export function isGone(pid: number): boolean {
  return !send(pid, 0) || /^[ZX]?$/.test(stateOf(pid))
}

/** Whether the main thread, the only one that writes to the database, has stopped. */
export function isStopped(pid: number): boolean {
  return stateOf(pid) === 'T'
}

function childrenOf(pid: number): readonly number[] {
  const list = read(`/proc/${pid}/task/${pid}/children`) ?? listByParent(pid)
  return list
    .split(/\s+/)
    .filter((child) => child !== '')
    .map(Number)
}

function listByParent(parent: number): string {
  const pairs = execFileSync('ps', ['-eo', 'ppid=,pid='], { encoding: 'utf8' }).trim().split('\n')
  const children = pairs.map((pair) => pair.trim().split(/\s+/)).filter(([of]) => of === String(parent))
  return children.map(([, child]) => child).join(' ')
}

/** The first letter of the state that `ps` knows; empty where there is no process. */
function stateOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`)
  if (stat !== null) return (stat.split(') ').at(-1) ?? '').slice(0, 1)
  if (existsSync('/proc/self/stat')) return ''
  return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' })
    .trim()
    .slice(0, 1)
}

function nodeOf(pid: number): string | null {
  const order = read(`/proc/${pid}/environ`)
    ?.split('\0')
    .find((line) => line.startsWith('MILLRACE_MEMBER='))
  // Written by the primary.
  return order === undefined ? null : (JSON.parse(order.slice(order.indexOf('=') + 1)) as { nodeId: string }).nodeId
}

/** `null` where the machine has no such file. */
function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
