import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** What Linux tells of processes. Elsewhere there is nothing to be read, and what asks throws. */

/** The unit in which the kernel tells CPU time to programs: 1/100 s on every machine. */
const tickUs = 10_000

/** What a process has used of the processor with all its threads, user and system, to 10 ms. Throws when there is none. */
export function cpuUsOf(pid: number): number {
  // proc(5): utime and stime are fields 14 and 15.
  const fields = statOf(pid)
  return (Number(fields[11]) + Number(fields[12])) * tickUs
}

/** The processes that a process has started and that run. */
export function childrenOf(pid: number): readonly number[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))
  return all.filter((other) => {
    try {
      return Number(statOf(other)[1]) === pid
    } catch {
      // It has ended meanwhile.
      return false
    }
  })
}

/** Whether a process runs: one that has ended and was not asked for yet does not. */
export function isRunning(pid: number): boolean {
  try {
    return statOf(pid)[0] !== 'Z'
  } catch {
    return false
  }
}

/** Which of the processes serves the connection to that port of 127.0.0.1 whose other end is that port; `null`: none yet. */
export function holderOf(port: number, remotePort: number, pids: readonly number[]): number | null {
  const inode = inodeOf(port, remotePort)
  return inode === null ? null : (pids.find((pid) => hasSocket(pid, inode)) ?? null)
}

/** The fields from the third on, which come after the name. */
function statOf(pid: number): readonly string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function inodeOf(port: number, remotePort: number): string | null {
  const address = (number: number) => `0100007F:${number.toString(16).toUpperCase().padStart(4, '0')}`
  const ends = `: ${address(port)} ${address(remotePort)} `
  const line = readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .find((text) => text.includes(ends))
  const inode = line?.trim().split(/\s+/)[9]
  // A connection that is still in the queue has none.
  return inode === undefined || inode === '0' ? null : inode
}

function hasSocket(pid: number, inode: string): boolean {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).some((name) => {
    try {
      return readlinkSync(`${folder}/${name}`) === `socket:[${inode}]`
    } catch {
      // It was closed meanwhile.
      return false
    }
  })
}
