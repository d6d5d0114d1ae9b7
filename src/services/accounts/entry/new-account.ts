import { InvalidInputError, type InputIssue } from '../../../core/errors.ts'
import type { JudgePassword } from '../passwords/password-policy.ts'
import { readDisplayName } from './display-name.ts'
import { type EmailAddress, readEmailAddress } from './email-address.ts'

/** What somebody who wants an account tells of themselves. */
export interface NewAccountInput {
  readonly email: string
  readonly password: string
  readonly displayName: string
}

/** The same, found to be in order. */
export interface NewAccount {
  readonly email: EmailAddress
  readonly password: string
  readonly displayName: string
}

/** Reads what a new account is to be made of. Throws one `InvalidInputError` with everything that is wrong. */
export async function readNewAccount(
  { password, ...input }: NewAccountInput,
  judgePassword: JudgePassword,
): Promise<NewAccount> {
  const email = readEmailAddress(input.email)
  const displayName = readDisplayName(input.displayName)
  const weakness = await judgePassword(password, { email: email?.address ?? '', displayName: displayName ?? '' })
  const issues: InputIssue[] = []
  if (email === null) {
    issues.push({ path: ['email'], message: 'This is not an email address such as ada@example.com.' })
  }
  if (weakness !== null) issues.push({ path: ['password'], message: weakness })
  if (displayName === null) {
    issues.push({
      path: ['displayName'],
      message: 'The name needs 1 to 100 characters, none of them control characters.',
    })
  }
  if (email === null || displayName === null || weakness !== null) throw new InvalidInputError(issues)
  return { email, password, displayName }
}
