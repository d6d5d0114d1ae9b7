import { expect, it } from 'vitest'
import { openTestApp } from '../../support/open-test-app.ts'
import { post } from '../../support/http/requests.ts'

const query = `mutation ($email: String!) {
  signIn(input: { email: $email, password: "not the password", delivery: TOKENS }) {
    __typename ... on RateLimitedError { retryAfterSeconds }
  }
}`

it('a refusal in a union says how long to wait in the head of the answer as well', async () => {
  await using app = await openTestApp()
  const port = Number(new URL(app.url).port)
  const attempt = () => post(port, { query, variables: { email: 'ada@example.com' } })
  for (let i = 0; i < 5; i += 1) {
    const answer = await attempt()
    expect(answer.json()).toEqual({ data: { signIn: { __typename: 'InvalidCredentialsError' } } })
    expect(answer.headers).not.toHaveProperty('retry-after')
  }
  const answer = await attempt()
  expect(answer.status).toBe(200)
  // The first wait.
  expect(answer.json()).toEqual({ data: { signIn: { __typename: 'RateLimitedError', retryAfterSeconds: 900 } } })
  expect(answer.headers['retry-after']).toBe('900')
})

it('the longest wait counts where an operation was refused more than once', async () => {
  await using app = await openTestApp()
  const port = Number(new URL(app.url).port)
  const ask = (count: number) => {
    const fields = Array.from(
      { length: count },
      (_, i) =>
        `a${i}: requestPasswordReset(email: "ada@example.com") { ... on RateLimitedError { retryAfterSeconds } }`,
    )
    return post(port, { query: `mutation { ${fields.join(' ')} }` })
  }
  await ask(5)
  const answer = await ask(2)
  const { data } = answer.json() as { readonly data: Readonly<Record<string, { readonly retryAfterSeconds?: number }>> }
  const waits = Object.values(data).flatMap(({ retryAfterSeconds }) => retryAfterSeconds ?? [])
  expect(waits).toHaveLength(2)
  expect(answer.headers['retry-after']).toBe(String(Math.max(...waits)))
})
