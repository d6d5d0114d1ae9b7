import { type IdKind, isId } from '../../core/ids.ts'

/** A public id and the secret that proves that it is yours, written `<id>.<secret>`. */
export interface SecretToken {
  readonly id: string
  readonly secret: string
}

const shape = /^([a-z]+_[0-9a-z]{26})\.([A-Za-z0-9_-]{43})$/

/** Takes a token with a secret of 256 bits apart; `null` when it has not the form of one of that kind. */
export function parseSecretToken(kind: IdKind, text: string): SecretToken | null {
  const [, id, secret] = text.length <= 100 ? (shape.exec(text) ?? []) : []
  return id === undefined || secret === undefined || !isId(kind, id) ? null : { id, secret }
}
