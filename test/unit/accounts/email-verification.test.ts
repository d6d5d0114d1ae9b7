import { describe, expect, it } from 'vitest'
import { anonymous } from '../../../src/core/principal.ts'
import { codeOf, codesOf } from './codes-of.ts'
import { ada, client, day, openAccounts, settle } from './open-accounts.ts'
import { openMailbox, tokenIn } from './open-mailbox.ts'
import { auditLines } from './stored-facts.ts'

/** Accounts whose addresses must be confirmed, with an account that waits for it and the token that it got. */
async function openUnconfirmed() {
  const test = await openAccounts({ policy: { emailVerification: true } })
  const mailbox = openMailbox(test)
  await test.accounts.signUp(ada, client, anonymous)
  const token = tokenIn((await mailbox.collect()).at(-1), 'verify-email')
  return {
    ...test,
    mailbox,
    token,
    verify: (text: string) => test.accounts.verifyEmail(text, client, anonymous),
    resend: (email: string) => test.accounts.resendEmailVerification(email, client),
    async [Symbol.asyncDispose]() {
      await mailbox[Symbol.asyncDispose]()
      await test[Symbol.asyncDispose]()
    },
  }
}

describe('confirming an email address', () => {
  it('lets the account be used, and signs nobody in', async () => {
    await using test = await openUnconfirmed()
    expect(await codeOf(test.signIn())).toBe('EMAIL_NOT_VERIFIED')
    expect(await test.verify(test.token)).toEqual({ email: ada.email })
    expect(test.dump().filter((value) => String(value).startsWith('ses_'))).toEqual([])
    const { user } = await test.signIn()
    expect(user.emailVerifiedAt).toBe(test.clock.now())
    expect(await auditLines(test.store, 'EMAIL_VERIFIED')).toMatchObject([
      { outcome: 'SUCCESS', actor: 'ANONYMOUS', subjectId: user.id, ip: client.ip },
    ])
  })

  it('works once, for a day, and not with an older link', async () => {
    await using test = await openUnconfirmed()
    await test.resend('ADA@example.com')
    const newer = tokenIn((await test.mailbox.collect())[0], 'verify-email')
    expect(await codeOf(test.verify(test.token))).toBe('INVALID_TOKEN')
    test.clock.advance(day - 1)
    await test.resend(ada.email)
    const newest = tokenIn((await test.mailbox.collect())[0], 'verify-email')
    test.clock.advance(1)
    expect(await codeOf(test.verify(newer))).toBe('INVALID_TOKEN')
    await test.verify(newest)
    expect(await codeOf(test.verify(newest))).toBe('INVALID_TOKEN')
    await test.resend(ada.email)
    expect(await test.mailbox.collect()).toEqual([])
  })

  it('ends with the time of the link', async () => {
    await using test = await openUnconfirmed()
    test.clock.advance(day)
    expect(await codeOf(test.verify(test.token))).toBe('INVALID_TOKEN')
  })

  it('has one winner when one link is opened twenty times at once', async () => {
    await using test = await openUnconfirmed()
    const { worked, reasons } = await settle(Array.from({ length: 20 }, () => test.verify(test.token)))
    expect(worked).toEqual([{ email: ada.email }])
    expect(new Set(codesOf(reasons))).toEqual(new Set(['INVALID_TOKEN']))
    expect(await auditLines(test.store, 'EMAIL_VERIFIED')).toHaveLength(1)
  })

  it('does not come by a link to an address that the account has no more', async () => {
    await using test = await openUnconfirmed()
    test.tamper(`update users set email = 'other@example.com'`)
    expect(await codeOf(test.verify(test.token))).toBe('INVALID_TOKEN')
  })

  it('does not come by the account of a disabled user, who gets no link either', async () => {
    await using test = await openUnconfirmed()
    test.tamper('update users set disabled_at = 1')
    expect(await codeOf(test.verify(test.token))).toBe('INVALID_TOKEN')
    await test.resend(ada.email)
    expect(await test.mailbox.collect()).toEqual([])
  })
})
