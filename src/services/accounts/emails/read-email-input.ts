import { InvalidInputError } from '../../../core/errors.ts'
import { type EmailAddress, readEmailAddress } from '../entry/email-address.ts'

/** The address in an argument of that name. Throws an `InvalidInputError` for what is none. */
export function readEmailInput(text: string, name: string): EmailAddress {
  const email = readEmailAddress(text)
  if (email !== null) return email
  throw new InvalidInputError([{ path: [name], message: 'This is not an email address such as ada@example.com.' }])
}
