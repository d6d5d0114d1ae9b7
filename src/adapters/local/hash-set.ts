/** How many hexadecimal digits of a hash are kept: 8 bytes. */
const prefixLength = 16

const entryBytes = prefixLength / 2

/** Very many hashes in little memory: the first 8 bytes of each, side by side and in order. */
export interface HashSet {
  /** Whether a hash with these first 16 hexadecimal digits is there. */
  has(digits: string): boolean
}

/** Collects the hashes of a set. */
export interface HashSetBuilder {
  readonly size: number
  /** Takes the hexadecimal digits of a hash, at least 16. */
  add(digits: string): void
  /** The set of all that were added; nothing can be added afterwards. */
  build(): HashSet
}

export function createHashSetBuilder(): HashSetBuilder {
  let memory = new ArrayBuffer(entryBytes * 1024)
  let bytes = Buffer.from(memory)
  let size = 0

  return {
    get size() {
      return size
    },

    add(digits) {
      if (entryBytes * (size + 1) > memory.byteLength) {
        memory = memory.transfer(memory.byteLength * 2)
        bytes = Buffer.from(memory)
      }
      bytes.write(digits.slice(0, prefixLength), entryBytes * size, entryBytes, 'hex')
      size += 1
    },

    build() {
      const entries = new BigUint64Array(memory.transfer(entryBytes * size))
      // oxlint-disable-next-line unicorn/no-array-sort -- in place, as a copy may take hundreds of megabytes
      return toSet(entries.sort())
    },
  }
}

/** The entries are read as numbers in the byte order of the machine: any order will do, as long as it is one. */
function toSet(sorted: BigUint64Array): HashSet {
  const memory = new ArrayBuffer(entryBytes)
  const asked = Buffer.from(memory)
  const askedNumber = new BigUint64Array(memory)

  return {
    has(digits) {
      asked.write(digits.slice(0, prefixLength), 0, entryBytes, 'hex')
      const [number = 0n] = askedNumber
      let low = 0
      let high = sorted.length
      while (low < high) {
        const middle = (low + high) >>> 1
        if ((sorted[middle] ?? 0n) < number) low = middle + 1
        else high = middle
      }
      return sorted[low] === number
    },
  }
}
