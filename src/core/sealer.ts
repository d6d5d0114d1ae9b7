import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { deriveKey } from './secrets.ts'

/**
 * Secrets at rest: AES-256-GCM under a key that is derived from the installation's root secret (ASVS 13.3.1).
 *
 * A sealed text is `s1.<key id>.<nonce>.<ciphertext and tag>`, base64url; `context` (table, column and row, such as
 * `totp_factors.secret usr_…`) is authenticated with it, so that a sealed text moved to another row does not open.
 */
export interface Sealer {
  seal(plaintext: string, context: string): string
  /** The plaintext. Throws a `SealError` for what was not sealed with one of our keys and that context. */
  open(sealed: string, context: string): string
  /** Whether it was sealed with a key other than today's: a rotation is to seal it anew. */
  isOutdated(sealed: string): boolean
}

/** A sealed text that does not open: its key is not known any more, or somebody changed it. */
export class SealError extends Error {
  readonly code = 'SEAL_BROKEN'

  constructor(message: string) {
    super(message)
    this.name = 'SealError'
  }
}

interface SealingKey {
  readonly id: string
  readonly key: Buffer
}

const shape = /^s1\.([A-Za-z0-9_-]{8})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/

/** A sealer over root secrets: the first seals, all of them open. */
export function createSealer(rootSecrets: readonly [string, ...string[]]): Sealer {
  const [today, ...older] = rootSecrets
  const current = sealingKey(today)
  const keys = new Map([...older.map(sealingKey), current].map((key) => [key.id, key.key]))

  return {
    seal(plaintext, context) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', current.key, nonce)
      cipher.setAAD(Buffer.from(context))
      const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `s1.${current.id}.${nonce.toString('base64url')}.${sealed.toString('base64url')}`
    },

    open(sealed, context) {
      const [, id = '', nonce = '', body = ''] = shape.exec(sealed) ?? []
      const key = keys.get(id)
      if (key === undefined) throw new SealError('A sealed value needs a root secret that is not set any more.')
      try {
        return decrypt(key, Buffer.from(nonce, 'base64url'), Buffer.from(body, 'base64url'), context)
      } catch {
        throw new SealError('A sealed value was changed, or belongs to another row.')
      }
    },

    isOutdated: (sealed) => shape.exec(sealed)?.[1] !== current.id,
  }
}

function sealingKey(rootSecret: string): SealingKey {
  const key = deriveKey(rootSecret, 'secrets at rest, 1')
  return { key, id: createHash('sha256').update(key).digest('base64url').slice(0, 8) }
}

function decrypt(key: Buffer, nonce: Buffer, body: Buffer, context: string): string {
  const tagAt = body.length - 16
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(body.subarray(tagAt))
  return Buffer.concat([decipher.update(body.subarray(0, tagAt)), decipher.final()]).toString('utf8')
}
