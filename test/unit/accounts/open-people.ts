import type { KnownPrincipal } from '../../../src/core/principal.ts'
import type { ApiKeyWish } from '../../../src/services/accounts/api-keys/api-key-settings.ts'
import type { IssuedApiKey } from '../../../src/services/accounts/api-keys/issue-api-key.ts'
import { type Audit, createAudit } from '../../../src/services/accounts/audit/audit.ts'
import { type FactorsUnderTest, openFactors } from './open-factors.ts'
import { type AccountsOverrides, client, goodPassword } from './open-accounts.ts'

/** Somebody who has signed in a moment ago. */
export interface Person {
  readonly id: string
  readonly email: string
  readonly principal: KnownPrincipal
}

/** Accounts with an administrator and a user. */
export interface PeopleUnderTest extends FactorsUnderTest {
  readonly root: Person
  readonly ada: Person
  /** Makes a user and signs them in. */
  person(name: string, admin?: boolean): Promise<Person>
  /** Signs them in once more: their factors are fresh. */
  again(person: Person): Promise<Person>
  /** Writes a line of the audit log. */
  readonly note: Audit
  createKey(person: Person, wish?: Partial<ApiKeyWish>): Promise<IssuedApiKey>
}

export async function openPeople(overrides: AccountsOverrides = {}): Promise<PeopleUnderTest> {
  const test = await openFactors(overrides)
  const { accounts } = test

  async function again({ id, email }: Omit<Person, 'principal'>): Promise<Person> {
    return { id, email, principal: await test.whoIs(await test.signIn({ email })) }
  }

  async function person(name: string, admin = false): Promise<Person> {
    const email = `${name}@example.com`
    const { id } = await accounts.createUser({ email, password: goodPassword, displayName: name, admin })
    return again({ id, email })
  }

  return {
    ...test,
    note: createAudit(test.clock),
    person,
    again,
    root: await person('root', true),
    ada: await person('ada'),
    createKey: ({ principal }, wish = {}) =>
      accounts.createApiKey({ name: 'a program', scopes: ['jobs:read', 'jobs:write'], ...wish }, client, principal),
  }
}
