import { describe, expect, it } from 'vitest'
import { anonymous } from '../../../src/core/principal.ts'
import { ada, type AccountsUnderTest, client, nothing, openAccounts } from './open-accounts.ts'

/** What two processes on one store have of accounts; neither hears the other's bus. */
async function openBoth(): Promise<AccountsUnderTest & { readonly both: readonly AccountsUnderTest['accounts'][] }> {
  const test = await openAccounts()
  return { ...test, both: [test.accounts, await test.elsewhere()] }
}

const codesOf = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason.code)] : []))

describe('two processes that are asked for the same thing at once', () => {
  it('enter one account under an address', async () => {
    await using test = await openBoth()
    for (let round = 0; round < 5; round += 1) {
      const wish = { ...ada, email: `round-${round}@example.com` }
      const outcomes = await Promise.allSettled(
        [...test.both, ...test.both].map((accounts) => accounts.signUp(wish, client, anonymous)),
      )
      expect(codesOf(outcomes)).toEqual(['EMAIL_TAKEN', 'EMAIL_TAKEN', 'EMAIL_TAKEN'])
    }
  })

  it('take a set-up token once', async () => {
    await using test = await openBoth()
    const setupToken = await test.accounts.setupToken()
    const outcomes = await Promise.allSettled(
      test.both.map((accounts, index) =>
        accounts.signUp({ ...ada, email: `${index}@example.com`, setupToken }, client, anonymous),
      ),
    )
    expect(codesOf(outcomes)).toEqual(['INVALID_SETUP_TOKEN'])
    expect(await test.store.read(({ accounts }) => accounts.countAdmins())).toBe(1)
  })

  it('give one successor for a refresh token, and end the session in both when it is used again later', async () => {
    await using test = await openBoth()
    await test.signUp()
    const { tokens } = await test.signIn({ delivery: 'TOKENS' })
    const first = tokens?.refreshToken ?? ''
    const pairs = await Promise.all(
      [...test.both, ...test.both].map((accounts) => accounts.refreshTokens(first, client)),
    )
    const [next = '', ...more] = [...new Set(pairs.map(({ refreshToken }) => refreshToken))]
    expect(more).toEqual([])
    const [one, other] = test.both
    await other?.refreshTokens(next, client)
    await expect(one?.refreshTokens(first, client)).rejects.toMatchObject({ code: 'INVALID_REFRESH_TOKEN' })
    for (const { accessToken } of pairs) {
      for (const accounts of test.both) {
        const asked = accounts.authenticate({ ...nothing, bearer: accessToken }, client)
        await expect(asked).rejects.toMatchObject({ code: 'SESSION_REVOKED' })
      }
    }
  })
})
