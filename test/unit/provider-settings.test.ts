import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'

const example = {
  OIDC_PROVIDERS: 'example',
  OIDC_EXAMPLE_ISSUER: 'https://login.example.com',
  OIDC_EXAMPLE_CLIENT_ID: 'id',
  OIDC_EXAMPLE_CLIENT_SECRET: 'hush',
}

/** The mistakes that are reported, one a line. */
function mistakes(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    return error instanceof Error
      ? error.message
          .split('\n')
          .slice(1)
          .map((line) => line.trim())
      : []
  }
}

describe('the settings of identity providers', () => {
  it('are none by default', () => {
    expect(readConfig({}).oauth).toEqual({ providers: [], redirects: [], allowPrivate: false })
  })

  it('set up Google, GitHub and any issuer', () => {
    const { oauth } = readConfig({
      OAUTH_GOOGLE_CLIENT_ID: 'google-id',
      OAUTH_GOOGLE_CLIENT_SECRET: 'google-secret',
      OAUTH_GITHUB_CLIENT_ID: 'github-id',
      OAUTH_GITHUB_CLIENT_SECRET: 'github-secret',
      ...example,
      OIDC_PROVIDERS: 'example, other,example',
      OIDC_OTHER_ISSUER: 'https://id.other.example/realms/main',
      OIDC_OTHER_CLIENT_ID: 'other-id',
      OIDC_OTHER_CLIENT_SECRET: 'other-secret',
      OIDC_OTHER_DISPLAY_NAME: 'The Other',
      OIDC_OTHER_TRUST_EMAIL: 'on',
      OAUTH_REDIRECTS: 'https://other.example.com, com.example.app:/signed-in',
    })
    expect(oauth.redirects).toEqual(['https://other.example.com', 'com.example.app:/signed-in'])
    expect(oauth.providers).toEqual([
      {
        kind: 'issuer',
        name: 'google',
        displayName: 'Google',
        trustedEmail: true,
        issuer: 'https://accounts.google.com',
        clientId: 'google-id',
        clientSecret: 'google-secret',
      },
      {
        kind: 'github',
        name: 'github',
        displayName: 'GitHub',
        trustedEmail: true,
        site: 'https://github.com',
        api: 'https://api.github.com',
        clientId: 'github-id',
        clientSecret: 'github-secret',
      },
      {
        kind: 'issuer',
        name: 'example',
        displayName: 'example',
        trustedEmail: false,
        issuer: 'https://login.example.com',
        clientId: 'id',
        clientSecret: 'hush',
      },
      {
        kind: 'issuer',
        name: 'other',
        displayName: 'The Other',
        trustedEmail: true,
        issuer: 'https://id.other.example/realms/main',
        clientId: 'other-id',
        clientSecret: 'other-secret',
      },
    ])
  })

  it('are told of all at once by their variables, and no secret with them', () => {
    const found = mistakes({
      OAUTH_GOOGLE_CLIENT_ID: 'id',
      OAUTH_GITHUB_CLIENT_SECRET: 'hush',
      OIDC_PROVIDERS: 'one,two',
      OIDC_ONE_ISSUER: 'login.example.com',
      OIDC_ONE_CLIENT_SECRET: 'hush',
      OIDC_ONE_TRUST_EMAIL: 'yes',
      OIDC_TWO_ISSUER: 'http://login.example.com',
      OIDC_TWO_CLIENT_ID: 'id',
    })
    expect(found).toEqual([
      'OAUTH_GOOGLE_CLIENT_SECRET: must be given with OAUTH_GOOGLE_CLIENT_ID.',
      'OAUTH_GITHUB_CLIENT_ID: must be given with OAUTH_GITHUB_CLIENT_SECRET.',
      'OIDC_ONE_ISSUER: accepts an address such as https://login.example.com, exactly as the provider calls itself, not "login.example.com".',
      'OIDC_ONE_CLIENT_ID: must be given with OIDC_PROVIDERS.',
      'OIDC_ONE_TRUST_EMAIL: accepts `on` or `off`, not "yes".',
      'OIDC_TWO_CLIENT_SECRET: must be given with OIDC_PROVIDERS.',
      'OIDC_TWO_ISSUER: must be an https address; OAUTH_ALLOW_PRIVATE=on allows http, for development.',
    ])
  })

  it.each(['google', 'github', 'Example', 'my-idp', '1st', 'a'.repeat(33), '__proto__'])(
    'take no provider by the name %s',
    (name) => {
      expect(mistakes({ OIDC_PROVIDERS: name })[0]).toMatch(/^OIDC_PROVIDERS: accepts up to 20 names/)
    },
  )

  it.each([
    'https://user:password@login.example.com',
    'https://login.example.com?tenant=1',
    'https://login.example.com#x',
    'ftp://login.example.com',
    'javascript:alert(1)',
  ])('take no issuer like %s', (issuer) => {
    expect(mistakes({ ...example, OIDC_EXAMPLE_ISSUER: issuer })[0]).toMatch(/^OIDC_EXAMPLE_ISSUER: accepts/)
  })

  it.each([
    'https://app.example.com/path',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc',
    'app:/x',
    '/x',
    'https:',
  ])('lead back to no address like %s', (redirect) => {
    expect(mistakes({ OAUTH_REDIRECTS: redirect })[0]).toMatch(/^OAUTH_REDIRECTS: accepts/)
  })

  it('allow an issuer without TLS with leave', () => {
    const local = { ...example, OIDC_EXAMPLE_ISSUER: 'http://localhost:3000', OAUTH_ALLOW_PRIVATE: 'on' }
    expect(readConfig(local).oauth).toMatchObject({
      allowPrivate: true,
      providers: [{ issuer: 'http://localhost:3000' }],
    })
  })
})
