import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../src/core/secrets.ts'
import { ada, openAccounts, settle } from './open-accounts.ts'

const invalid = { code: 'INVALID_SETUP_TOKEN', message: 'The set-up token is wrong or has been used.' }

describe('the set-up token', () => {
  it('is refused when wrong, empty, or never made', async () => {
    await using test = await openAccounts()
    await expect(test.signUp({ setupToken: 'guess' })).rejects.toMatchObject(invalid)
    const token = await test.accounts.setupToken()
    await expect(test.signUp({ setupToken: '' })).rejects.toMatchObject(invalid)
    await expect(test.signUp({ setupToken: `${token}x` })).rejects.toMatchObject(invalid)
    await expect(test.signUp({ setupToken: '\ud800'.repeat(500_000) })).rejects.toMatchObject(invalid)
    expect(test.hashing).toEqual([])
  })

  it('makes an administrator once', async () => {
    await using test = await openAccounts()
    const setupToken = await test.accounts.setupToken()
    const { user } = await test.signUp({ setupToken })
    expect(user.roles).toEqual(['user', 'admin'])
    await expect(test.signUp({ setupToken, email: 'eve@example.com' })).rejects.toMatchObject(invalid)
    expect(test.dump()).not.toContain(sha256(setupToken ?? ''))
    expect(await test.accounts.setupToken()).toBeNull()
    expect(await (await test.restart()).setupToken()).toBeNull()
  })

  it('works where sign-up is closed', async () => {
    await using test = await openAccounts({ policy: { signUp: 'closed' } })
    const setupToken = await test.accounts.setupToken()
    expect((await test.signUp({ setupToken })).user.roles).toContain('admin')
  })

  it('needs no confirmation of the address, whose owner is believed', async () => {
    await using test = await openAccounts({ policy: { emailVerification: true } })
    const setupToken = await test.accounts.setupToken()
    const { user } = await test.signUp({ setupToken })
    expect(user.emailVerifiedAt).toBe(test.clock.now())
    expect((await test.signIn()).user.roles).toContain('admin')
  })

  it('stays good when the sign-up failed for another reason', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const setupToken = await test.accounts.setupToken()
    await expect(test.signUp({ setupToken })).rejects.toMatchObject({ code: 'EMAIL_TAKEN' })
    await expect(test.signUp({ setupToken, password: 'short' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect((await test.signUp({ setupToken, email: 'root@example.com' })).user.roles).toContain('admin')
  })

  it('has one winner when ten use it at once', async () => {
    await using test = await openAccounts()
    const setupToken = await test.accounts.setupToken()
    const emails = Array.from({ length: 10 }, (_, i) => `admin${i}@example.com`)
    const { worked, reasons } = await settle(emails.map((email) => test.signUp({ setupToken, email })))
    expect(worked).toHaveLength(1)
    expect(reasons).toMatchObject(Array.from({ length: 9 }, () => invalid))
    expect(await test.store.read(({ accounts }) => accounts.countAdmins())).toBe(1)
  })

  it('is the same for everyone who asks one server, and a new one after a restart', async () => {
    await using test = await openAccounts()
    const [first, again] = await Promise.all([test.accounts.setupToken(), test.accounts.setupToken()])
    expect(first).toMatch(/^[A-Za-z0-9_-]{32}$/)
    expect(again).toBe(first)
    const second = await (await test.restart()).setupToken()
    expect(second).not.toBe(first)
    await expect(test.signUp({ setupToken: first })).rejects.toMatchObject(invalid)
    expect((await test.signUp({ setupToken: second })).user.roles).toContain('admin')
  })

  it('ends when there is an administrator, however that came about', async () => {
    await using test = await openAccounts()
    await test.signUp()
    const setupToken = await test.accounts.setupToken()
    test.tamper(`update users set roles = '["user","admin"]'`)
    await expect(test.signUp({ setupToken, email: 'eve@example.com' })).rejects.toMatchObject(invalid)
  })

  it('ends when the command line makes an administrator', async () => {
    await using test = await openAccounts()
    const setupToken = await test.accounts.setupToken()
    await test.accounts.createUser({ ...ada, email: 'root@example.com', admin: true })
    await expect(test.signUp({ setupToken })).rejects.toMatchObject(invalid)
    expect(test.dump()).not.toContain(sha256(setupToken ?? ''))
  })
})
