import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorCodes } from '../../src/core/errors.ts'
import { createSchema } from '../../src/schema/index.ts'
import { apiKeyRows } from './bad-input/api-key-rows.ts'
import type { Person } from './bad-input/bad-input-row.ts'
import { entryRows } from './bad-input/entry-rows.ts'
import { mailRows } from './bad-input/mail-rows.ts'
import { badTexts, documentOf, variantsOf, wrongKinds } from './bad-input/input-variants.ts'
import { type Api, type ApiAnswer, type ApiClient, openApi } from './open-api.ts'

/** Every part of accounts has its rows in a file of its own. */
const rows = [...entryRows, ...mailRows, ...apiKeyRows]

const mutations = Object.values(createSchema([]).schema.getMutationType()?.getFields() ?? {})

const password = 'violet hum table 7'

let count = 0
/** An address in a network of its own, so that no limit is met by chance. */
const newIp = () => {
  count += 1
  return `10.${count >> 8}.${count & 255}.1`
}

/** The code that an answer refuses with; `null` for one that worked. */
function refusalOf({ data, errors, body }: ApiAnswer): string | null {
  // Whatever was sent is not sent back.
  expect(body.length).toBeLessThan(20_000)
  for (const { extensions } of errors) expect(errorCodes).toHaveProperty([String(extensions['code'])])
  const [first] = errors
  if (first !== undefined) return String(first.extensions['code'])
  const [value] = Object.values(data ?? {}) as unknown[] // one field was asked for
  const isRefused = typeof value === 'object' && value !== null && 'code' in value
  return isRefused ? String(value.code) : null
}

describe('bad input to accounts', () => {
  let api: Api
  let root: ApiClient
  beforeAll(async () => {
    api = await openApi()
    root = (await newPerson({ setupToken: api.setupToken })).client
  })
  afterAll(() => api[Symbol.asyncDispose]())

  /** Somebody new, in two sessions. */
  async function newPerson(token: object = {}): Promise<Person> {
    const client = api.client({ ip: newIp() })
    const email = `person${count}@example.com`
    const signUp = `mutation ($input: SignUpInput!) { signUp(input: $input) { __typename } }`
    await client.run(signUp, { input: { email, password, displayName: 'Ada', ...token } })
    const signIn =
      'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInSuccess { session { id } } } }'
    const { data } = await api.client({ ip: newIp() }).run(signIn, { input: { email, password } })
    const { signIn: second } = data as { signIn: { session: { id: string } } } // as it was asked for
    const createApiKey =
      'mutation { createApiKey(input: { name: "a program", scopes: [JOBS_READ] }) { ... on ApiKeyIssued { apiKey { id } } } }'
    const { createApiKey: key } = (await client.run(createApiKey)).data as { createApiKey: { apiKey: { id: string } } } // as above
    return { email, password, client, otherSessionId: second.session.id, apiKeyId: key.apiKey.id }
  }

  async function newAdministrator(): Promise<Person> {
    const { data } = await root.run('mutation { createInvite(roles: [ADMIN]) { ... on InviteIssued { token } } }')
    const { createInvite } = data as { createInvite: { token: string } } // as it was asked for
    return newPerson({ inviteToken: createInvite.token })
  }

  describe.each(rows)('$mutation', ({ document, good, texts, optional = [], again, winners }) => {
    it.each(texts)('refuses every bad text and every wrong kind of value for $%s', async (name) => {
      const person = await newPerson()
      const nothing = optional.includes(name) ? [] : [null, undefined]
      for (const value of [...badTexts, ...wrongKinds, ...nothing]) {
        const credentials = { sessionCookie: person.client.cookie }
        const client = api.client({ ip: newIp() })
        const code = refusalOf(await client.run(document, { ...good(person), [name]: value }, credentials))
        expect([name, String(value).slice(0, 20), code]).toEqual([name, String(value).slice(0, 20), expect.any(String)])
        expect(code).not.toBe('INTERNAL')
      }
      // None of it did any harm.
      expect((await person.client.run('{ me { id } }')).status).toBe(200)
    })

    it('says what it has to say of the same a second time', async () => {
      const person = await newPerson()
      const variables = good(person)
      expect(refusalOf(await person.client.run(document, variables))).toBeNull()
      expect(refusalOf(await person.client.run(document, variables))).toBe(again)
    })

    it('lets as many of twenty at once through as may be', async () => {
      const person = await newPerson()
      const variables = good(person)
      const credentials = { sessionCookie: person.client.cookie }
      const ip = newIp()
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => api.client({ ip }).run(document, variables, credentials)),
      )
      const codes = answers.map(refusalOf)
      expect(codes).not.toContain('INTERNAL')
      const worked = codes.filter((code) => code === null).length
      expect(worked).toBeGreaterThanOrEqual(winners.least)
      expect(worked).toBeLessThanOrEqual(winners.most)
    })
  })

  describe.each(rows.filter(({ foreign }) => foreign !== undefined))('$mutation', ({ document, good, foreign }) => {
    it('takes what is somebody else’s for nothing that there is', async () => {
      const [person, other] = [await newPerson(), await newPerson()]
      const variables = { ...good(person), ...foreign?.variables(other) }
      expect(refusalOf(await person.client.run(document, variables))).toBe(foreign?.code)
      expect((await other.client.run('{ sessions { id } }')).body).toContain(other.otherSessionId)
    })
  })

  it.each(mutations)('never breaks $name, whoever asks', async (mutation) => {
    const cookies = [null, (await newPerson()).client.cookie, (await newAdministrator()).client.cookie]
    const document = documentOf(mutation)
    for (const variables of variantsOf(mutation)) {
      for (const sessionCookie of cookies) {
        const client = api.client({ ip: newIp() })
        const code = refusalOf(await client.run(document, variables, { sessionCookie }))
        expect([JSON.stringify(variables).slice(0, 200), code]).not.toContain('INTERNAL')
      }
    }
  })
})
