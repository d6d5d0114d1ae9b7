import { describe, expect, it } from 'vitest'
import { readRedirect } from '../../../src/services/accounts/identities/redirect-target.ts'

const policy = {
  appUrl: () => 'https://app.example.com',
  redirects: () => ['https://api.example.com', 'http://localhost:3000', 'com.example.app:/signed-in'],
}

describe('the address that a sign-in leads back to', () => {
  it.each([
    ['/', 'https://app.example.com/'],
    ['/signed-in?next=%2Fjobs', 'https://app.example.com/signed-in?next=%2Fjobs'],
    ['/a/../b', 'https://app.example.com/b'],
    ['/@evil.example', 'https://app.example.com/@evil.example'],
    ['https://app.example.com', 'https://app.example.com/'],
    ['https://app.example.com:443/x', 'https://app.example.com/x'],
    ['https://api.example.com/x?y=1', 'https://api.example.com/x?y=1'],
    ['http://localhost:3000/x', 'http://localhost:3000/x'],
    ['com.example.app:/signed-in', 'com.example.app:/signed-in'],
  ])('is taken where it is ours or listed: %s', (text, address) => {
    expect(readRedirect(text, policy)).toBe(address)
  })

  it.each([
    '',
    'signed-in',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/ /evil.example',
    '/\u200b/evil.example',
    ' /signed-in',
    '/x#fragment',
    'https:evil.example',
    'https:/evil.example',
    'https://evil.example',
    'https://app.example.com.evil.example',
    'https://app.example.com@evil.example',
    'https://user:password@app.example.com',
    'https://evil.example\\@app.example.com',
    'https://app.example.com:444',
    'http://app.example.com',
    'http://localhost:3001/x',
    'HTTPS://app.example.com',
    'javascript:alert(1)',
    'data:text/html,x',
    'com.example.app:/other',
    'com.example.app:/signed-in?more=1',
    'com.example.app2:/signed-in',
    `/${'x'.repeat(2000)}`,
    'https://[',
  ])('is refused anywhere else: %j', (text) => {
    expect(() => readRedirect(text, policy)).toThrow(
      'The input is not valid. redirectTo: It must be a path such as /signed-in, or an address that OAUTH_REDIRECTS or CORS_ORIGINS allows.',
    )
  })
})
