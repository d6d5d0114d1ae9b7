import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { text } from 'node:stream/consumers'

/** The byte of the `-shm` file that SQLite locks for whoever writes: https://www.sqlite.org/walformat.html#locks */
const writeByte = 120

/** How much of the table is read: some 17,000 locks. */
const maxBytes = 2 ** 20

/** `5: POSIX  ADVISORY  WRITE 29596 fe:00:4350030 120 120`; who waits for a lock has an arrow after the number. */
const lockLine = /^\d+: POSIX +\S+ +WRITE (?<pid>\d+) [\da-f]+:[\da-f]+:(?<inode>\d+) (?<first>\d+) (?<last>\d+|EOF)$/

/**
 * What says whether the process of that pid holds the lock under which the database file is written, as `/proc/locks` of Linux
 * shows it. `false` where that cannot be known: on other systems, and where the pids are hidden. Never rejects.
 */
export function createWriteLockHolders(database: string, locks = '/proc/locks'): (pid: number) => Promise<boolean> {
  return async (pid) => {
    try {
      // Only looked at: were the file opened here and closed again, this process would lose its own locks on it.
      const { ino } = await stat(`${database}-shm`, { bigint: true })
      const table = await text(createReadStream(locks, { end: maxBytes - 1 }))
      return isLocked(table, pid, ino)
    } catch {
      return false
    }
  }
}

/** Devices are not compared: btrfs and others have another one there than `stat` says. The pid and the inode are enough. */
function isLocked(table: string, pid: number, inode: bigint): boolean {
  return table.split('\n').some((line) => {
    const lock = lockLine.exec(line)?.groups
    if (lock === undefined || Number(lock['pid']) !== pid || BigInt(lock['inode'] ?? '') !== inode) return false
    const last = lock['last'] === 'EOF' ? Infinity : Number(lock['last'])
    // Locks of one process that lie side by side are one in the table.
    return Number(lock['first']) <= writeByte && writeByte <= last
  })
}
