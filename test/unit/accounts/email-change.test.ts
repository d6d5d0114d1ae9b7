import { describe, expect, it } from 'vitest'
import { anonymous, type Principal } from '../../../src/core/principal.ts'
import { somebody } from '../../support/principals.ts'
import { codeOf, codesOf } from './codes-of.ts'
import { ada, client, day, goodPassword, settle } from './open-accounts.ts'
import { openFactors } from './open-factors.ts'
import { openMailbox, tokenIn } from './open-mailbox.ts'
import { auditLines } from './stored-facts.ts'

const newEmail = 'countess@example.com'
const minute = 60_000

/** Ada with a session that was just started. */
async function openChange() {
  const test = await openFactors()
  const mailbox = openMailbox(test)
  const owner = await test.join('ada')
  const { accounts } = test
  const request = (email = newEmail, by: Principal = owner.principal) => accounts.requestEmailChange(email, client, by)
  const confirm = (token: string) => accounts.confirmEmailChange(token, client, anonymous)
  const undo = (token: string) => accounts.undoEmailChange(token, client, anonymous)

  /** The whole change; gives the link that takes it back. */
  async function change(email = newEmail, by: Principal = owner.principal): Promise<string> {
    await request(email, by)
    await confirm(tokenIn((await mailbox.collect())[0], 'confirm-email-change'))
    return tokenIn((await mailbox.collect())[0], 'undo-email-change')
  }

  return {
    ...test,
    owner,
    mailbox,
    request,
    confirm,
    undo,
    change,
    email: async () => (await test.store.read((records) => records.accounts.findUser(owner.userId)))?.email,
    async [Symbol.asyncDispose]() {
      await mailbox[Symbol.asyncDispose]()
      await test[Symbol.asyncDispose]()
    },
  }
}

describe('changing the email address', () => {
  it('is confirmed at the new address, and told to the old one with the way back', async () => {
    await using test = await openChange()
    expect(await test.request()).toEqual({ email: newEmail })
    const [asked, ...others] = await test.mailbox.collect()
    expect([asked?.to, asked?.subject, others]).toEqual([newEmail, 'Confirm your new email address', []])
    expect(await test.email()).toBe(ada.email)

    expect(await test.confirm(tokenIn(asked, 'confirm-email-change'))).toEqual({ email: newEmail })
    const [told] = await test.mailbox.collect()
    expect(told?.to).toBe(ada.email)
    expect(told?.text).toContain(`“${newEmail}”`)
    const { user } = await test.signIn({ email: newEmail })
    expect(user).toMatchObject({ id: test.owner.userId, emailVerifiedAt: test.clock.now() })
    expect(await codeOf(test.signIn())).toBe('INVALID_CREDENTIALS')
    const lines = [
      ...(await auditLines(test.store, 'EMAIL_CHANGE_REQUESTED')),
      ...(await auditLines(test.store, 'EMAIL_CHANGED')),
    ]
    expect(lines.map(({ subjectId, actor }) => [subjectId, actor])).toEqual([
      [user.id, 'USER'],
      [user.id, 'ANONYMOUS'],
    ])
  })

  it('asks for factors that were shown within five minutes', async () => {
    await using test = await openChange()
    test.clock.advance(5 * minute + 1)
    await expect(test.request()).rejects.toMatchObject({
      code: 'STEP_UP_REQUIRED',
      details: { requiredAssuranceLevel: 1, maxAgeSeconds: 300 },
    })
    expect(await test.mailbox.collect()).toEqual([])
  })

  it('asks for both factors where there are two', async () => {
    await using test = await openChange()
    const { principal } = await test.enrol(test.owner)
    test.tamper('update sessions set assurance = 1')
    expect(await codeOf(test.request(newEmail, principal))).toBe('STEP_UP_REQUIRED')
    test.tamper('update sessions set assurance = 2')
    await test.request(newEmail, principal)
  })

  it('is for sessions alone', async () => {
    await using test = await openChange()
    expect(await codeOf(test.request(newEmail, anonymous))).toBe('UNAUTHENTICATED')
    expect(await codeOf(test.request(newEmail, { kind: 'anonymous', refused: 'SESSION_REVOKED' }))).toBe(
      'SESSION_REVOKED',
    )
    const key = somebody({ kind: 'apiKey', userId: test.owner.userId, sessionId: null, keyId: 'key_1' })
    expect(await codeOf(test.request(newEmail, key))).toBe('FORBIDDEN')
  })

  it('takes one’s own address in another spelling', async () => {
    await using test = await openChange()
    await test.change('Ada@Example.com')
    expect(await test.email()).toBe('Ada@Example.com')
  })

  it('does not say that an address has an account: its owner gets a mail', async () => {
    await using test = await openChange()
    await test.join('eve')
    await test.mailbox.collect()
    expect(await test.request('EVE@example.com')).toEqual({ email: 'EVE@example.com' })
    expect((await test.mailbox.collect()).map(({ to, subject }) => `${to}: ${subject}`)).toEqual([
      'eve@example.com: You already have an account',
    ])
  })

  it('is refused as any link that does not work when the address was taken meanwhile', async () => {
    await using test = await openChange()
    await test.request()
    const token = tokenIn((await test.mailbox.collect())[0], 'confirm-email-change')
    await test.signUp({ email: newEmail })
    const taken = test.confirm(token)
    const unknown = test.confirm('ott_01jc0000000000000000000000.x')
    const [first, second] = (await settle([taken, unknown])).reasons
    expect(first).toEqual(second)
    expect(await test.email()).toBe(ada.email)
  })

  it('works once, for a day, and not with an older link', async () => {
    await using test = await openChange()
    await test.request('older@example.com')
    const older = tokenIn((await test.mailbox.collect())[0], 'confirm-email-change')
    await test.request()
    const newer = tokenIn((await test.mailbox.collect())[0], 'confirm-email-change')
    expect(await codeOf(test.confirm(older))).toBe('INVALID_TOKEN')
    test.clock.advance(day - 1)
    const { worked, reasons } = await settle(Array.from({ length: 20 }, () => test.confirm(newer)))
    expect(worked).toHaveLength(1)
    expect(new Set(codesOf(reasons))).toEqual(new Set(['INVALID_TOKEN']))
    expect(await auditLines(test.store, 'EMAIL_CHANGED')).toHaveLength(1)
  })

  it('voids links to the old address', async () => {
    await using test = await openChange()
    await test.accounts.requestPasswordReset(ada.email, client)
    const reset = tokenIn((await test.mailbox.collect())[0], 'reset-password')
    await test.change()
    const late = test.accounts.resetPassword({ token: reset, newPassword: 'amber stairs by night' }, client, anonymous)
    expect(await codeOf(late)).toBe('INVALID_TOKEN')
  })

  it('lets two accounts not have one address when both confirm at once', async () => {
    await using test = await openChange()
    const eve = await test.join('eve')
    await test.mailbox.collect()
    await test.request()
    await test.request(newEmail, eve.principal)
    const tokens = (await test.mailbox.collect()).map((mail) => tokenIn(mail, 'confirm-email-change'))
    expect(tokens).toHaveLength(2)
    const { worked, reasons } = await settle(tokens.map((token) => test.confirm(token)))
    expect([worked.length, codesOf(reasons)]).toEqual([1, ['INVALID_TOKEN']])
  })
})

describe('taking a change of the email address back', () => {
  it('gives the account its old address, ends all sessions and tells both', async () => {
    await using test = await openChange()
    const link = await test.change()
    const { cookie } = await test.signIn({ email: newEmail })
    test.clock.advance(7 * day - 1)
    expect(await test.undo(link)).toEqual({ email: ada.email })
    await expect(test.principalOf({ cookie })).rejects.toThrow('not alive')
    expect((await test.mailbox.collect()).map(({ to }) => to).toSorted()).toEqual([ada.email, newEmail])
    await test.signIn()
    expect(await auditLines(test.store, 'EMAIL_CHANGE_UNDONE')).toMatchObject([{ subjectId: test.owner.userId }])
  })

  it('works for a week, once, with one winner of twenty', async () => {
    await using test = await openChange()
    const link = await test.change()
    const { worked } = await settle(Array.from({ length: 20 }, () => test.undo(link)))
    expect(worked).toHaveLength(1)
    await test.mailbox.collect()
    const late = await test.change(newEmail, await test.whoIs(await test.signIn()))
    test.clock.advance(7 * day)
    expect(await codeOf(test.undo(late))).toBe('INVALID_TOKEN')
  })

  it('voids links to the address that is given up', async () => {
    await using test = await openChange()
    const link = await test.change()
    await test.accounts.requestPasswordReset(newEmail, client)
    const reset = tokenIn((await test.mailbox.collect())[0], 'reset-password')
    await test.undo(link)
    const late = test.accounts.resetPassword({ token: reset, newPassword: 'amber stairs by night' }, client, anonymous)
    expect(await codeOf(late)).toBe('INVALID_TOKEN')
  })

  it('cannot be cut off by changing the address once more', async () => {
    await using test = await openChange()
    const link = await test.change()
    const next = await test.change('third@example.com')
    expect(await test.undo(link)).toEqual({ email: ada.email })
    expect(await test.email()).toBe(ada.email)
    // What was changed on the way is void with it.
    expect(await codeOf(test.undo(next))).toBe('INVALID_TOKEN')
  })

  it('is refused where another account has the address by now', async () => {
    await using test = await openChange()
    const link = await test.change()
    await test.signUp({ email: ada.email, password: goodPassword })
    expect(await codeOf(test.undo(link))).toBe('INVALID_TOKEN')
    expect(await test.email()).toBe(newEmail)
  })
})
