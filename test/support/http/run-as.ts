import type { SignedInUser } from '../signed-in.ts'
import { post, type TestAnswer } from './requests.ts'

/** Sends an operation as the user, over a connection of its own. */
export function runAs(
  url: string,
  user: Pick<SignedInUser, 'headers'>,
  query: string,
  variables: object = {},
): Promise<TestAnswer> {
  return post(Number(new URL(url).port), { query, variables }, { accept: 'application/json', ...user.headers })
}

/** The status, and the code and sentence of the first error. */
export function errorOf(answer: TestAnswer): readonly unknown[] {
  const [error] = answer.json().errors ?? []
  return [answer.status, error?.extensions['code'], error?.message]
}
