import { QuotaExceededError, RateLimitedError } from '../../core/errors.ts'
import type { OpenCounts } from '../../ports/open-counts.ts'

/** What one upload under way takes of its owner's quota. Dispose of it when nothing is left of the upload but artifacts. */
export interface Reservation extends Disposable {
  /** Takes bytes that came, before they are written. Throws `QUOTA_EXCEEDED`, having taken nothing. */
  take(bytes: number): void
  /** Gives back what was taken for a file that is gone, or counts as stored from now on. All that was announced has come by then. */
  giveBack(bytes: number): void
}

/**
 * What the uploads under way take of each owner's quota: bytes on their way to the disk count as those on it do, so that
 * the quota bounds the disk and not only the record.
 *
 * How many are under way is counted over all processes. Their bytes are held in the memory of each, for they end with it: so
 * what is on its way may take the rest of the quota once in each process. The artifacts' rows, which are checked with every
 * new one, bound what stays.
 */
export interface UploadBudgets {
  /**
   * Begins an upload that will have `leastBytes` or more. Throws `RATE_LIMITED` when as many as are allowed are under way,
   * and `QUOTA_EXCEEDED`.
   */
  open(ownerId: string, leastBytes: number): Promise<Reservation>
  /** Begins to take in a file that a job of the owner wrote: as `open`, but of these any number may be under way. */
  openFile(ownerId: string): Promise<Reservation>
  /** Tells how many bytes the owner's artifacts have since the last commit. */
  noteStored(ownerId: string, bytes: number): void
}

export interface UploadBudgetsOptions {
  /** The most bytes that an owner may have, stored and on their way. */
  readonly quotaBytes: number
  /** How many uploads of an owner may be under way, in all processes together. */
  readonly atOnce: number
  readonly counts: OpenCounts
  /** How many bytes the owner's artifacts have. */
  readonly readStored: (ownerId: string) => Promise<number>
}

interface Account {
  /** How many reservations there are. */
  open: number
  /** Bytes of artifacts, as last heard. */
  stored: number
  /** Bytes of uploads under way. */
  reserved: number
}

/** When to try again where too many uploads are under way. */
const retryAfterSeconds = 5

/** An owner without an upload under way takes no memory. */
export function createUploadBudgets({ quotaBytes, atOnce, counts, readStored }: UploadBudgetsOptions): UploadBudgets {
  const accounts = new Map<string, Account>()

  /** Takes a place among the uploads of the owner; call the result to give it back. */
  async function enter(ownerId: string): Promise<() => void> {
    const entry = await counts.enter([{ key: `uploads ${ownerId}`, limit: atOnce }])
    if (!('full' in entry)) return entry.leave
    const message = `${atOnce} of your uploads are under way, which is as many as are allowed at once: wait until one ends.`
    throw new RateLimitedError(message, retryAfterSeconds)
  }

  async function openAccount(ownerId: string, leastBytes: number, leave = () => {}): Promise<Reservation> {
    const account = accounts.get(ownerId) ?? { open: 0, stored: 0, reserved: 0 }
    account.open += 1
    accounts.set(ownerId, account)
    const onEnd = () => {
      account.open -= 1
      if (account.open === 0) accounts.delete(ownerId)
      leave()
    }
    try {
      account.stored = await readStored(ownerId)
      // Even an upload that does not say how long it is will have a byte.
      assertFits(account, Math.max(leastBytes, 1), quotaBytes, 0)
    } catch (error) {
      onEnd()
      throw error
    }
    return reserve(account, { leastBytes, quotaBytes, onEnd })
  }

  return {
    open: async (ownerId, leastBytes) => openAccount(ownerId, leastBytes, await enter(ownerId)),

    openFile: (ownerId) => openAccount(ownerId, 0),

    noteStored(ownerId, bytes) {
      const account = accounts.get(ownerId)
      if (account !== undefined) account.stored = bytes
    },
  }
}

interface ReservationOptions {
  readonly leastBytes: number
  readonly quotaBytes: number
  readonly onEnd: () => void
}

function reserve(account: Account, { leastBytes, quotaBytes, onEnd }: ReservationOptions): Reservation {
  let announced = leastBytes
  let taken = 0
  let held = 0
  let isOver = false
  hold()

  /** Holds what came, or what was announced where that is more. */
  function hold(): void {
    const wanted = Math.max(announced, taken)
    account.reserved += wanted - held
    held = wanted
  }

  return {
    take(bytes) {
      const more = Math.max(0, taken + bytes - held)
      if (more > 0) assertFits(account, more, quotaBytes, held)
      taken += bytes
      hold()
    },

    giveBack(bytes) {
      if (isOver) return
      announced = 0
      taken -= bytes
      hold()
    },

    [Symbol.dispose]() {
      if (isOver) return
      isOver = true
      account.reserved -= held
      onEnd()
    },
  }
}

function assertFits({ stored, reserved }: Account, more: number, quotaBytes: number, own: number): void {
  if (stored + reserved + more <= quotaBytes) return
  const others = reserved - own
  const underWay = others === 0 ? '' : `, and ${others} are taken by other uploads of yours that are under way`
  const message = `There is no room for it: of the ${quotaBytes} bytes that you may keep, ${stored} are in use${underWay}.`
  throw new QuotaExceededError('artifactBytes', quotaBytes, message)
}
