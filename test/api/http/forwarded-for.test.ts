import { describe, expect, it } from 'vitest'
import { post } from '../../support/http/requests.ts'
import { openTestApp } from '../../support/open-test-app.ts'
import { attemptLimits } from '../../../src/services/accounts/limits/attempt-limits.ts'

const { attempts } = attemptLimits.signInByNetwork

/** What so many sign-ins with wrong passwords answer, each at an account of its own, by the header `X-Forwarded-For` of each. */
async function guess(
  url: string,
  count: number,
  headers: (index: number) => Record<string, string>,
): Promise<readonly string[]> {
  const answers: string[] = []
  for (let index = 0; index < count; index += 1) {
    const query = `mutation { signIn(input: { email: "user${index}@example.com", password: "x" }) { __typename } }`
    const answer = await post(Number(new URL(url).port), { query }, headers(index))
    // What the operation asks for.
    const { data } = answer.json() as { data: { signIn: { __typename: string } } }
    answers.push(data.signIn.__typename)
  }
  return answers
}

const wrong = Array.from({ length: attempts }, () => 'InvalidCredentialsError')

describe('a limit of attempts by network', () => {
  it('is not got around by X-Forwarded-For, whatever it holds', async () => {
    await using app = await openTestApp()
    const spoofed = (index: number) => ({
      'x-forwarded-for': `198.51.${index}.1, 203.0.${index}.1`,
      'x-real-ip': `198.51.${index}.2`,
      forwarded: `for=198.51.${index}.3`,
    })
    expect(await guess(app.url, attempts + 1, spoofed)).toEqual([...wrong, 'RateLimitedError'])
  })

  it('is by the address that a trusted proxy saw, not by what its client wrote before', async () => {
    await using app = await openTestApp({ trustedProxies: ['127.0.0.1'] })
    const spoofed = (index: number) => ({ 'x-forwarded-for': `198.51.${index}.1, 203.0.113.7` })
    expect(await guess(app.url, attempts + 1, spoofed)).toEqual([...wrong, 'RateLimitedError'])
    // Somebody else behind the same proxy is not held up.
    expect(await guess(app.url, 1, () => ({ 'x-forwarded-for': '192.0.2.7' }))).toEqual(['InvalidCredentialsError'])
  })

  it('takes all addresses of one IPv6 network for one', async () => {
    await using app = await openTestApp({ trustedProxies: ['127.0.0.1'] })
    const hopping = (index: number) => ({ 'x-forwarded-for': `2001:db8:1:2::${index.toString(16)}` })
    expect(await guess(app.url, attempts + 1, hopping)).toEqual([...wrong, 'RateLimitedError'])
    expect(await guess(app.url, 1, () => ({ 'x-forwarded-for': '2001:db8:1:3::1' }))).toEqual([
      'InvalidCredentialsError',
    ])
  })
})
