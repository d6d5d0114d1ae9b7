import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { passkeySite } from '../../src/compose/passkey-site.ts'
import { createOwnAddress } from '../../src/server/http/own-address.ts'

function siteOf(environment: Readonly<Record<string, string>>, port: number) {
  const config = readConfig(environment)
  const address = createOwnAddress(config.publicUrl)
  const site = passkeySite(config, address)
  address.bound(port)
  return { rpId: site.rpId(), origins: site.origins() }
}

describe('the site of passkeys', () => {
  it('is localhost with the port that was bound, where nothing else is said', () => {
    expect(siteOf({}, 4321)).toEqual({
      rpId: 'localhost',
      origins: ['http://localhost:4321', 'http://127.0.0.1:4321', 'http://[::1]:4321'],
    })
  })

  it.each([
    [{ PUBLIC_URL: 'https://api.example.com' }, 'api.example.com', ['https://api.example.com']],
    [
      { PUBLIC_URL: 'https://api.example.com', APP_URL: 'https://app.example.com:8443' },
      'app.example.com',
      ['https://api.example.com', 'https://app.example.com:8443'],
    ],
    [
      { PUBLIC_URL: 'https://api.example.com', CORS_ORIGINS: 'https://a.example.com,https://api.example.com' },
      'api.example.com',
      ['https://api.example.com', 'https://a.example.com'],
    ],
    [
      { PUBLIC_URL: 'https://api.example.com', PASSKEY_RP_ID: 'example.com' },
      'example.com',
      ['https://api.example.com'],
    ],
  ])('is with %j that of the pages', (environment, rpId, origins) => {
    expect(siteOf(environment, 4000)).toEqual({ rpId, origins })
  })

  it.each([
    'https://example.com',
    'example.com:443',
    '.example.com',
    'Example.com',
    'a b',
    'é.example',
    'x'.repeat(254),
  ])('is not %j', (id) => {
    expect(() => readConfig({ PASSKEY_RP_ID: id })).toThrow('PASSKEY_RP_ID: accepts a domain such as example.com')
  })

  it.each(['example.org', 'ple.com', 'www.app.example.com'])('cannot be %s for pages of app.example.com', (id) => {
    const environment = { APP_URL: 'https://app.example.com', PASSKEY_RP_ID: id }
    const sentence = `PASSKEY_RP_ID: must be the host of https://app.example.com or a domain above it, not "${id}".`
    expect(() => readConfig(environment)).toThrow(sentence)
  })
})
