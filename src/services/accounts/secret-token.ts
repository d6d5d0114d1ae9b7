import { type IdKind, isId } from '../../core/ids.ts'
import { newSecret, secretsEqual, sha256 } from '../../core/secrets.ts'

/** A public id and the secret that proves that it is yours, written `<id>.<secret>`. */
export interface SecretToken {
  readonly id: string
  readonly secret: string
}

const shape = /^([a-z]+_[0-9a-z]{26})\.([A-Za-z0-9_-]{43})$/

/** A new secret of 256 random bits, with the only form of it that is stored. */
export function newTokenSecret(): { readonly secret: string; readonly secretHash: string } {
  const secret = newSecret(32)
  return { secret, secretHash: sha256(secret) }
}

export function formatSecretToken({ id, secret }: SecretToken): string {
  return `${id}.${secret}`
}

/** Takes a token with a secret of 256 bits apart; `null` when it has not the form of one of that kind. */
export function parseSecretToken(kind: IdKind, text: string): SecretToken | null {
  const [, id, secret] = text.length <= 100 ? (shape.exec(text) ?? []) : []
  return id === undefined || secret === undefined || !isId(kind, id) ? null : { id, secret }
}

/** Whether the secret is the one that was stored. */
export function isSecretOf({ secretHash }: { readonly secretHash: string }, secret: string): boolean {
  return secretsEqual(sha256(secret), secretHash)
}
