import { signUpAt } from '../support/signed-in.ts'

/** Somebody who has jobs done. */
export interface ChaosUser {
  readonly id: string
  readonly headers: Readonly<Record<string, string>>
}

const createKey = `mutation {
  createApiKey(input: { name: "chaos", scopes: [JOBS_READ, JOBS_WRITE], requestsPerMinute: 10000 }) {
    ... on ApiKeyIssued { key }
  }
}`

/** New users, each with an API key: it outlives the run, as a token would not. */
export async function signUpUsers(
  url: string,
  count: number,
  setupToken: string | null,
): Promise<readonly ChaosUser[]> {
  const users: ChaosUser[] = []
  for (let index = 0; index < count; index += 1) {
    const user = await signUpAt(url, `user${index}`, index === 0 ? setupToken : null)
    const { me } = await user.request<{ me: { id: string } }>('{ me { id } }')
    const { createApiKey } = await user.request<{ createApiKey: { key: string } }>(createKey)
    users.push({ id: me.id, headers: { 'x-api-key': createApiKey.key } })
  }
  return users
}
