import { hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { PasswordBlocklist } from '../../ports/password-blocklist.ts'
import { createHashSetBuilder, type HashSetBuilder } from './hash-set.ts'
import { linesOf } from './lines-of.ts'

/** A list of passwords that cannot be used: a start-up error whose message says what is wrong with it. */
class PasswordBlocklistError extends Error {
  readonly code = 'PASSWORD_BLOCKLIST_UNUSABLE'

  constructor(path: string, what: string) {
    super(`The list of passwords ${path} cannot be used: ${what}`)
    this.name = 'PasswordBlocklistError'
  }
}

export interface PasswordBlocklistFile {
  /**
   * A text file, one password a line, or one SHA-1 of a password a line, in hexadecimal with or without `:count`, as Have I
   * Been Pwned gives them out. Its first line says which. In any order.
   */
  readonly path: string
  /** More than that are an error. Each takes 8 bytes of memory. */
  readonly maxPasswords?: number
}

/** 400 MB of memory. All that Have I Been Pwned has is 20 times that. */
const defaultMaxPasswords = 50_000_000

/** No password that is allowed is longer. */
const maxLineLength = 4096

const sha1 = /^[0-9A-F]{40}(?::\d{1,15})?$/i

/**
 * Reads a list of passwords into memory: of each the first 8 bytes of its SHA-1, by which one is taken for another once in
 * 10^11 times, with the longest list. Throws a `PasswordBlocklistError`.
 */
export async function filePasswordBlocklist(file: PasswordBlocklistFile): Promise<PasswordBlocklist> {
  const { path, maxPasswords = defaultMaxPasswords } = file
  const builder = createHashSetBuilder()
  try {
    await addAll(builder, { path, maxPasswords })
  } catch (error) {
    throw error instanceof PasswordBlocklistError ? error : new PasswordBlocklistError(path, reasonOf(error))
  }
  if (builder.size === 0) throw new PasswordBlocklistError(path, 'there is no password in it.')
  const hashes = builder.build()
  return { has: (password) => hashes.has(digest(password)) || hashes.has(digest(password.toLowerCase())) }
}

async function addAll(builder: HashSetBuilder, { path, maxPasswords }: Required<PasswordBlocklistFile>): Promise<void> {
  let holdsHashes: boolean | null = null
  let number = 0
  for await (const lines of linesOf(createReadStream(path, { highWaterMark: 2 ** 20 }), maxLineLength)) {
    for (const line of lines) {
      number += 1
      if (line === '') continue
      holdsHashes ??= sha1.test(line)
      if (holdsHashes && !sha1.test(line)) {
        throw new PasswordBlocklistError(path, `it begins with a SHA-1, but line ${number} is none.`)
      }
      if (builder.size === maxPasswords) {
        throw new PasswordBlocklistError(path, `it has more than ${maxPasswords} passwords.`)
      }
      builder.add(holdsHashes ? line : digest(line))
    }
  }
}

/** In the form in which passwords are hashed. */
function digest(password: string): string {
  return hash('sha1', password.normalize('NFC'))
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'ENOENT') return 'there is no such file.'
  if (code === 'EISDIR') return 'it is a folder.'
  if (code === 'EACCES') return 'it may not be read.'
  return `it cannot be read (${String(error)}).`
}
