import { describe, expect, it } from 'vitest'
import { anonymous } from '../../../src/core/principal.ts'
import { ada, client, nothing, openAccounts } from './open-accounts.ts'

describe('a copy of the database', () => {
  it('holds no password, token or secret as it is', async () => {
    await using test = await openAccounts()
    const setupToken = await test.accounts.setupToken()
    const { cookie } = await test.signUp()
    const { tokens } = await test.signIn({ delivery: 'TOKENS' })
    const everything = test.dump().map(String).join('\n')
    const secret = cookie?.split('.')[1]
    for (const plain of [
      ada.password,
      setupToken,
      cookie,
      secret,
      tokens?.accessToken,
      tokens?.accessToken.split('.')[2],
    ]) {
      expect(typeof plain).toBe('string')
      expect(everything).not.toContain(plain)
    }
  })

  it('holds nothing that works as a credential', async () => {
    await using test = await openAccounts()
    await test.accounts.setupToken()
    const { session } = await test.signUp()
    await test.signIn({ delivery: 'TOKENS' })
    const values = [...new Set(test.dump().map(String))]
    expect(values.length).toBeGreaterThan(20)
    for (const value of values) {
      for (const sessionCookie of [value, `${session.id}.${value}`]) {
        expect(await test.accounts.authenticate({ ...nothing, sessionCookie }, client)).toMatchObject({ kind: 'anonymous' })
      }
      await expect(test.accounts.authenticate({ ...nothing, bearer: value }, client)).rejects.toMatchObject({
        code: 'UNAUTHENTICATED',
      })
      await expect(test.accounts.signIn({ ...ada, password: value }, client, anonymous)).rejects.toMatchObject({
        code: 'INVALID_CREDENTIALS',
      })
      await expect(test.signUp({ email: 'eve@example.com', setupToken: value })).rejects.toMatchObject({
        code: 'INVALID_SETUP_TOKEN',
      })
    }
  })
})
