import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createSessionCookieJar, sessionCookieName } from '../../../../src/server/http/session-cookie.ts'

const now = Date.parse('2026-01-01T00:00:00Z')
const clock = { now: () => now }

function openResponse() {
  return new ServerResponse(new IncomingMessage(new Socket()))
}

describe('the session cookie jar', () => {
  it('gives the cookie the lifetime of the session', () => {
    const response = openResponse()
    createSessionCookieJar(response, true, clock).set('ses_1.secret', now + 90_500)
    expect(response.getHeader('set-cookie')).toEqual([
      '__Host-millrace=ses_1.secret; Max-Age=90; Path=/; Expires=Thu, 01 Jan 2026 00:01:30 GMT; HttpOnly; Secure; SameSite=Lax',
    ])
  })

  it('leaves other cookies of the answer alone', () => {
    const response = openResponse()
    response.setHeader('set-cookie', 'device=1; Path=/')
    const jar = createSessionCookieJar(response, false, clock)
    jar.set('a', now + 1_000)
    jar.set('b', now + 1_000)
    response.appendHeader('set-cookie', 'later=2')
    jar.clear()
    expect(response.getHeader('set-cookie')).toEqual([
      'device=1; Path=/',
      'later=2',
      'millrace=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax',
    ])
  })

  it('has the prefix that browsers hold to only where it can be Secure', () => {
    expect([true, false].map(sessionCookieName)).toEqual(['__Host-millrace', 'millrace'])
  })
})
