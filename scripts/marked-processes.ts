import { readdirSync, readFileSync } from 'node:fs'

export interface MarkedProcess {
  readonly pid: number
  readonly command: string
}

/** The variable that a command and all that it starts carry in their environment. */
export const markVariable = 'MILLRACE_RUN_MARK'

/**
 * The living processes that carry the mark, also those that left the process group of the command that started them;
 * with an empty mark those of every run.
 * Only Linux tells; elsewhere the list is empty.
 */
export function markedProcesses(mark: string): readonly MarkedProcess[] {
  if (process.platform !== 'linux') return []
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  return pids
    .filter((pid) => readEntry(pid, 'environ').some((entry) => entry.startsWith(`${markVariable}=${mark}`)))
    .map((pid) => ({ pid: Number(pid), command: readEntry(pid, 'cmdline').join(' ').trim() }))
}

/** A process may end, or belong to somebody else, while its entry is read: then it is none of ours. */
function readEntry(pid: string, name: 'environ' | 'cmdline'): string[] {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8').split('\0')
  } catch {
    return []
  }
}
