import { createHmac, randomBytes } from 'node:crypto'
import type { Principal } from '../../../core/principal.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { AccountParts } from '../parts.ts'

/** How many codes a set has. */
const recoveryCodeCount = 10

/** Crockford's base 32, in which no two characters look alike (https://www.crockford.com/base32.html): five bits each. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** 60 bits: over the 20 bits of ASVS 6.5.4 by far, and still copied by hand. */
const length = 12

/** More than anybody adds to a code in spaces and hyphens. */
const maxTyped = 64

const shape = /^[0-9A-HJKMNP-TV-Z]{12}$/

/** A new set of codes as they are shown: `7K3M-Q9TX-04VB`. */
export function newRecoveryCodes(): readonly string[] {
  return Array.from({ length: recoveryCodeCount }, () => {
    const characters = Array.from(randomBytes(length), (byte) => alphabet.charAt(byte % alphabet.length))
    return characters.join('').replaceAll(/.{4}(?=.)/g, '$&-')
  })
}

/** The code in what somebody typed: in any case, with spaces and hyphens, O for 0, I or L for 1. `null` when it is none. */
export function readRecoveryCode(text: string): string | null {
  if (text.length > maxTyped) return null
  const code = text.replaceAll(/[\s-]/g, '').toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  return shape.test(code) ? code : null
}

/** What is stored of a code that was read: useless without the key, and another one for every user. */
export function hashRecoveryCode(key: Buffer, userId: string, code: string): string {
  return createHmac('sha256', key).update(`${userId} ${code}`).digest('base64url')
}

/** Who gets new codes, and who asked for them. */
export interface RecoveryCodeOwner {
  readonly userId: string
  readonly by: Principal
  readonly client: ClientInfo
}

/** Gives the user a new set of codes in place of the old one, and tells them by mail, in the caller's transaction. */
export async function giveRecoveryCodes(
  { recoveryKey, audit, mail }: Pick<AccountParts, 'recoveryKey' | 'audit' | 'mail'>,
  records: Records,
  { userId, by, client }: RecoveryCodeOwner,
): Promise<readonly string[]> {
  const codes = newRecoveryCodes()
  const read = codes.map(readRecoveryCode).filter((code) => code !== null)
  await records.factors.setRecoveryCodes(
    userId,
    read.map((code) => hashRecoveryCode(recoveryKey, userId, code)),
  )
  await audit(records, { event: 'RECOVERY_CODES_MADE', by, client, subjectId: userId })
  const user = await records.accounts.findUser(userId)
  if (user !== null) await mail(records, user.email, { kind: 'RECOVERY_CODES_MADE' })
  return codes
}
