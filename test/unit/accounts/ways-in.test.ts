import { describe, expect, it } from 'vitest'
import type { IdentityProviders } from '../../../src/ports/identity-providers.ts'
import { createWaysIn } from '../../../src/services/accounts/entry/ways-in.ts'
import { testPolicy } from './open-accounts.ts'

const unused = () => Promise.reject(new TypeError('Nobody is asked.'))
const providers: IdentityProviders = {
  list: [{ name: 'acme', displayName: 'Acme', trustedEmail: true }],
  authorizationUrl: unused,
  redeem: unused,
}

describe('what a page for signing in can offer', () => {
  it('are the ways that are set up, without what is decided about them', () => {
    expect(createWaysIn({ policy: { ...testPolicy, signUp: 'invite' }, providers }).waysIn()).toEqual({
      passkeys: true,
      providers: [{ name: 'acme', displayName: 'Acme' }],
      signUp: 'invite',
    })
  })

  it.each([
    ['https://app.example.com', true],
    ['http://localhost:4000', true],
    ['http://app.localhost:4000', true],
    ['http://app.example.com', false],
    ['https://192.0.2.7', false],
    ['http://127.0.0.1:4000', false],
    ['https://[2001:db8::1]', false],
  ])('at %s has passkeys among them: %s', (appUrl, passkeys) => {
    expect(createWaysIn({ policy: { ...testPolicy, appUrl: () => appUrl }, providers }).waysIn().passkeys).toBe(
      passkeys,
    )
  })
})
