import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import { anonymous } from '../../../src/core/principal.ts'
import type { ClientInfo } from '../../../src/services/accounts/client-info.ts'
import { newOneTimeToken } from '../../../src/services/accounts/one-time-token.ts'
import type { TokenPurpose } from '../../../src/ports/accounts/one-time-tokens.ts'
import { newCredential } from '../../support/software-authenticator.ts'
import { codeOf, codesOf } from './codes-of.ts'
import { type AccountsOverrides, ada, client, settle } from './open-accounts.ts'
import { openFactors } from './open-factors.ts'
import { openMailbox, tokenIn } from './open-mailbox.ts'
import { auditLines } from './stored-facts.ts'

const newPassword = 'amber stairs by night'
const minute = 60_000

/** Ada with a session, and what is needed to reset her password. */
async function openReset(overrides: AccountsOverrides = {}) {
  const test = await openFactors(overrides)
  const mailbox = openMailbox(test)
  const owner = await test.join('ada')
  return {
    ...test,
    owner,
    mailbox,
    /** As if she had opened the link in the first mail. */
    confirmAddress: () => test.tamper('update users set email_verified_at = 1'),
    request: (email: string = ada.email) => test.accounts.requestPasswordReset(email, client),
    /** The link of a mail that was asked for. */
    async link() {
      await test.accounts.requestPasswordReset(ada.email, client)
      return tokenIn((await mailbox.collect()).at(-1), 'reset-password')
    },
    reset: (token: string, password = newPassword, from: ClientInfo = client) =>
      test.accounts.resetPassword({ token, newPassword: password }, from, anonymous),
    async [Symbol.asyncDispose]() {
      await mailbox[Symbol.asyncDispose]()
      await test[Symbol.asyncDispose]()
    },
  }
}

describe('resetting a password', () => {
  it('sets it by a link in a mail, confirms the address, ends all sessions and signs nobody in', async () => {
    await using test = await openReset()
    const { cookie } = await test.signIn()
    const token = await test.link()
    expect(await test.reset(token)).toEqual({ email: ada.email })
    await expect(test.principalOf({ cookie })).rejects.toThrow('not alive')
    expect(await test.accounts.sessions(test.owner.principal)).toEqual([])
    expect(await codeOf(test.signIn())).toBe('INVALID_CREDENTIALS')
    const { user } = await test.signIn({ password: newPassword })
    expect(user.emailVerifiedAt).toBe(test.clock.now())
    expect((await test.mailbox.collect()).map(({ to, subject }) => `${to}: ${subject}`)).toEqual([
      'ada@example.com: Your password was changed',
    ])
    expect(await auditLines(test.store, 'PASSWORD_RESET_REQUESTED')).toMatchObject([
      { actor: 'ANONYMOUS', subjectId: user.id, ip: client.ip, userAgent: client.userAgent },
    ])
    expect(await auditLines(test.store, 'PASSWORD_RESET')).toMatchObject([{ subjectId: user.id, outcome: 'SUCCESS' }])
  })

  it('keeps of the link a hash alone, and of the mail nothing that can be read', async () => {
    await using test = await openReset()
    await test.request()
    const token = tokenIn((await test.mailbox.collect()).at(-1), 'reset-password')
    const [, secret = ''] = token.split('.')
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(test.dump().filter((value) => String(value).includes(secret))).toEqual([])
  })

  it('leaves the second factor to be asked for', async () => {
    await using test = await openReset()
    test.confirmAddress()
    const owner = await test.enrol(test.owner)
    await test.mailbox.collect()
    await test.reset(await test.link())
    const wish = { email: ada.email, password: newPassword, delivery: 'COOKIE' } as const
    const entered = await test.accounts.signIn(wish, client, anonymous)
    if (entered.kind !== 'MFA_REQUIRED') throw new Error('No second factor was asked for.')
    const proof = { method: 'TOTP', code: test.code(owner) } as const
    expect(await test.complete(entered.challengeToken, proof, client)).toMatchObject({ session: { assurance: 2 } })
  })

  it('takes a shorter password where a second factor is enforced, and refuses a weak one without using the link up', async () => {
    await using test = await openReset({ policy: { requireMfa: 'all' } })
    test.confirmAddress()
    const token = await test.link()
    const weak = test.reset(token, 'k9 Vm2 qz!w')
    await expect(weak).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: ['newPassword'], message: 'The password needs at least 15 characters.' }],
    })
    expect(await codeOf(test.reset(token, ada.email))).toBe('INVALID_INPUT')
    await test.enrol(test.owner)
    await test.reset(token, 'k9 Vm2 qz!w')
  })

  it.each([
    ['that nobody asked for', 'none', true],
    ['of an account that is taken over', 'all', false],
  ] as const)('takes no shorter password for a second factor %s', async (_, requireMfa, isConfirmed) => {
    await using test = await openReset({ policy: { requireMfa } })
    await test.enrol(test.owner)
    if (isConfirmed) test.confirmAddress()
    await test.mailbox.collect()
    await expect(test.reset(await test.link(), 'k9 Vm2 qz!w')).rejects.toMatchObject({
      issues: [{ path: ['newPassword'], message: 'The password needs at least 15 characters.' }],
    })
  })

  it('sets the first password of an account that had none', async () => {
    await using test = await openReset()
    test.tamper('update users set password_hash = null')
    await test.reset(await test.link())
    expect((await test.signIn({ password: newPassword })).user.hasPassword).toBe(true)
  })

  it('works once, for an hour, and not with an older link', async () => {
    await using test = await openReset()
    const [older, newer] = [await test.link(), await test.link()]
    expect(await codeOf(test.reset(older))).toBe('INVALID_TOKEN')
    await test.reset(newer)
    expect(await codeOf(test.reset(newer))).toBe('INVALID_TOKEN')
    const late = await test.link()
    test.clock.advance(60 * minute)
    expect(await codeOf(test.reset(late))).toBe('INVALID_TOKEN')
  })

  it('has one winner when one link is used twenty times at once', async () => {
    await using test = await openReset()
    const token = await test.link()
    const passwords = Array.from({ length: 20 }, (_, n) => `amber stairs by night ${n}`)
    const { worked, reasons } = await settle(passwords.map((password) => test.reset(token, password)))
    expect(worked).toHaveLength(1)
    expect(new Set(codesOf(reasons))).toEqual(new Set(['INVALID_TOKEN']))
    const signIns = await settle(passwords.map((password) => test.signIn({ password })))
    expect(signIns.worked).toHaveLength(1)
  })

  it('makes void what was begun before: challenges, and changes of the address', async () => {
    await using test = await openReset()
    test.confirmAddress()
    const purposes: readonly TokenPurpose[] = ['MFA', 'STEP_UP', 'EMAIL_CHANGE', 'EMAIL_VERIFICATION', 'PASSWORD_RESET']
    const facts = { userId: test.owner.userId, now: test.clock.now(), lifetimeMs: 60 * minute }
    const link = await test.link()
    const begun = purposes.map((purpose) => newOneTimeToken({ ...facts, purpose, data: { email: ada.email } }).record)
    const undo = newOneTimeToken({ ...facts, purpose: 'EMAIL_CHANGE_UNDO', data: { email: ada.email } }).record
    await test.store.write(async ({ oneTimeTokens }) => {
      for (const record of [...begun, undo]) await oneTimeTokens.insert(record)
    })
    await test.reset(link)
    for (const { id, purpose } of begun) {
      const record = await test.store.read(({ oneTimeTokens }) => oneTimeTokens.find(id))
      expect([purpose, record?.usedAt]).toEqual([purpose, test.clock.now()])
    }
    // The way back from a change is its owner's last resort.
    expect((await test.store.read(({ oneTimeTokens }) => oneTimeTokens.find(undo.id)))?.usedAt).toBeNull()
  })

  it('lets an owner in whom somebody’s guesses had locked out', async () => {
    await using test = await openReset()
    const elsewhere = { ...client, ip: '203.0.113.9' }
    const guess = (from: ClientInfo) =>
      test.accounts.signIn({ email: ada.email, password: 'wrong', delivery: 'COOKIE' }, from, anonymous)
    for (let n = 0; n < 5; n += 1) await settle([guess(client), guess(elsewhere)])
    expect(await codeOf(test.signIn())).toBe('RATE_LIMITED')
    await test.reset(await test.link())
    await test.signIn({ password: newPassword })
  })

  it('lets an owner in whose second factor somebody’s guesses had locked, and knows no browser any more', async () => {
    await using test = await openReset()
    test.confirmAddress()
    const owner = await test.enrol(test.owner)
    const known: ClientInfo = { ...client, device: 'known'.padEnd(43, 'x') }
    const stranger: ClientInfo = { ...client, ip: '203.0.113.9', device: 'stranger'.padEnd(43, 'x') }
    const enter = async (from: ClientInfo, password: string, code: string) => {
      const wish = { email: ada.email, password, delivery: 'COOKIE' } as const
      const entered = await test.accounts.signIn(wish, from, anonymous)
      if (entered.kind !== 'MFA_REQUIRED') throw new Error('No second factor was asked for.')
      return test.complete(entered.challengeToken, { method: 'TOTP', code }, from)
    }
    await enter(known, ada.password, test.code(owner))
    test.clock.advance(30_000)
    for (const from of [known, stranger]) {
      for (let n = 0; n < 10; n += 1)
        expect(await codeOf(enter(from, ada.password, test.wrongCode(owner)))).toBe('INVALID_CODE')
      expect(await codeOf(enter(from, ada.password, test.code(owner)))).toBe('RATE_LIMITED')
    }
    const devices = () => test.store.read((records) => records.devices.of(owner.userId))
    expect(await devices()).toContain(known.device)
    await test.reset(await test.link())
    expect(await devices()).toEqual([])
    for (const from of [known, stranger]) {
      await enter(from, newPassword, test.code(owner))
      test.clock.advance(30_000)
    }
    // Known again, and not by its failures of before.
    await enter(known, newPassword, test.code(owner))
  })

  it('voids the link when the password is changed otherwise', async () => {
    await using test = await openReset()
    const token = await test.link()
    const change = { currentPassword: ada.password, newPassword, keepOtherSessions: false }
    await test.accounts.changePassword(change, client, test.owner.principal)
    expect(await codeOf(test.reset(token))).toBe('INVALID_TOKEN')
  })

  it('sends nothing to addresses without an account, and to disabled users', async () => {
    await using test = await openReset()
    await test.request('nobody@example.com')
    test.tamper('update users set disabled_at = 1')
    await test.request()
    expect(await test.mailbox.collect()).toEqual([])
    expect(await auditLines(test.store, 'PASSWORD_RESET_REQUESTED')).toEqual([])
  })

  it('is refused to who was disabled meanwhile', async () => {
    await using test = await openReset()
    const token = await test.link()
    test.tamper('update users set disabled_at = 1')
    expect(await codeOf(test.reset(token))).toBe('INVALID_TOKEN')
  })
})

describe('an account whose address nobody had confirmed', () => {
  /** What somebody who made it in waiting for the owner of the address may have left. */
  async function plantWaysIn(test: Awaited<ReturnType<typeof openReset>>) {
    const { store, clock } = test
    const credential = newCredential()
    const owner = await test.enrol(await test.add(test.owner, credential))
    await test.mailbox.collect()
    const facts = { userId: owner.userId, now: clock.now(), lifetimeMs: 60 * minute }
    const undo = newOneTimeToken({ ...facts, purpose: 'EMAIL_CHANGE_UNDO', data: { email: ada.email } }).record
    const identity = { id: newId('identity'), userId: owner.userId, provider: 'github', subject: '7', email: null }
    const key = { id: newId('apiKey'), userId: owner.userId, name: 'key', secretHash: 'h', lastFour: 'abcd' }
    const limits = { scopes: [], allowedIps: [], requestsPerMinute: 1, revokedAt: null, successorId: null }
    const times = { createdAt: clock.now(), expiresAt: null, lastUsedAt: null }
    await store.write(async (records) => {
      await records.identities.insert({ ...identity, createdAt: clock.now(), lastUsedAt: null })
      await records.apiKeys.insert({ ...key, ...limits, ...times })
      await records.devices.note(owner.userId, 'd'.repeat(43), clock.now())
      await records.oneTimeTokens.insert(undo)
    })
    const left = () =>
      store.read(async ({ identities, apiKeys, passkeys, factors, devices, oneTimeTokens }) => ({
        identities: (await identities.of(owner.userId)).length,
        apiKeys: (await apiKeys.of(owner.userId, clock.now())).length,
        passkeys: (await passkeys.of(owner.userId)).length,
        hasTotp: (await factors.findTotp(owner.userId)) !== null,
        recoveryCodes: await factors.countRecoveryCodes(owner.userId),
        isDeviceKnown: await devices.has(owner.userId, 'd'.repeat(43), 0),
        isUndoOpen: (await oneTimeTokens.find(undo.id))?.usedAt === null,
      }))
    return { left, credential }
  }

  const everything = {
    identities: 1,
    apiKeys: 1,
    passkeys: 1,
    hasTotp: true,
    recoveryCodes: 10,
    isDeviceKnown: true,
    isUndoOpen: true,
  }

  it('loses what it was signed in to by when the owner of the address resets the password', async () => {
    await using test = await openReset()
    const { left } = await plantWaysIn(test)
    expect(await left()).toEqual(everything)
    test.tamper('delete from passkeys')
    test.tamper('delete from totp_secrets')
    await test.reset(await test.link())
    expect(await left()).toEqual({
      identities: 0,
      apiKeys: 0,
      passkeys: 0,
      hasTotp: false,
      recoveryCodes: 0,
      isDeviceKnown: false,
      isUndoOpen: false,
    })
    expect(await auditLines(test.store, 'ACCOUNT_TAKEN_OVER')).toMatchObject([{ subjectId: test.owner.userId }])
    expect(await test.signIn({ password: newPassword })).toMatchObject({ kind: 'SIGNED_IN' })
  })

  it('is not got past its second factor, and stays unconfirmed with one', async () => {
    await using test = await openReset()
    const { left } = await plantWaysIn(test)
    await test.reset(await test.link())
    expect(await left()).toEqual({ ...everything, isDeviceKnown: false })
    expect(await auditLines(test.store, 'ACCOUNT_TAKEN_OVER')).toEqual([])
    const wish = { email: ada.email, password: newPassword, delivery: 'COOKIE' } as const
    expect(await test.accounts.signIn(wish, client, anonymous)).toMatchObject({ kind: 'MFA_REQUIRED' })
    const user = await test.store.read(({ accounts }) => accounts.findUser(test.owner.userId))
    expect(user?.emailVerifiedAt).toBeNull()
  })

  it('keeps it where the address was confirmed', async () => {
    await using test = await openReset()
    const { left } = await plantWaysIn(test)
    test.confirmAddress()
    await test.reset(await test.link())
    // But for the browsers: one of them may be somebody else's.
    expect(await left()).toEqual({ ...everything, isDeviceKnown: false })
    expect(await auditLines(test.store, 'ACCOUNT_TAKEN_OVER')).toEqual([])
  })
})
