import { coerceInputValue, type GraphQLInputType, Kind, parse, typeFromAST } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorCodes } from '../../src/core/errors.ts'
import { createSchema } from '../../src/schema/index.ts'
import { eventually } from '../support/eventually.ts'
import { administrationRows } from './bad-input/administration-rows.ts'
import { apiKeyRows } from './bad-input/api-key-rows.ts'
import type { BadInputRow } from './bad-input/bad-input-row.ts'
import { entryRows } from './bad-input/entry-rows.ts'
import { factorRows } from './bad-input/factor-rows.ts'
import { badTexts, documentOf, variantsOf, wrongKinds } from './bad-input/input-variants.ts'
import { mailRows } from './bad-input/mail-rows.ts'
import { openPeople, type People, type Person } from './bad-input/open-people.ts'
import { passkeyRows } from './bad-input/passkey-rows.ts'
import { providerRows } from './bad-input/provider-rows.ts'
import type { ApiAnswer } from './open-api.ts'
import { whoMay } from './who-may.ts'

/** Every part of accounts has its rows in a file of its own. */
const rows = [
  ...entryRows,
  ...mailRows,
  ...factorRows,
  ...passkeyRows,
  ...providerRows,
  ...apiKeyRows,
  ...administrationRows,
]

const { schema } = createSchema([])
const mutations = Object.values(schema.getMutationType()?.getFields() ?? {})

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

/** The code for a bad value of a variable: what does not have its type gets no further than that. */
function expectedOf({ document, texts }: BadInputRow, name: string, value: unknown): string | undefined {
  const isOfType = coerceInputValue(value ?? null, typeOf(document, name)) !== undefined
  return isOfType ? texts[name] : 'BAD_REQUEST'
}

function typeOf(document: string, name: string): GraphQLInputType {
  const [operation] = parse(document).definitions
  const variables = operation?.kind === Kind.OPERATION_DEFINITION ? (operation.variableDefinitions ?? []) : []
  const declared = variables.find(({ variable }) => variable.name.value === name)
  if (declared === undefined) throw new Error(`There is no variable ${name}.`)
  return typeFromAST(schema, declared.type) as GraphQLInputType // the type of a variable is one
}

describe('bad input to accounts', () => {
  let people: People
  beforeAll(async () => {
    people = await openPeople()
  })
  afterAll(() => people[Symbol.asyncDispose]())

  const newCaller = ({ byAdministrator }: BadInputRow) =>
    byAdministrator ? people.newAdministrator() : people.newPerson()

  /** In the person's browser, in another network each time. */
  async function codeOf(person: Person, { document }: BadInputRow, variables: object, ip = people.newIp()) {
    const client = people.api.client({ ip, device: person.device })
    return refusalOf(await client.run(document, { ...variables }, { sessionCookie: person.client.cookie }))
  }

  it('has a row here for every mutation that is about accounts', () => {
    const others = mutations.filter(({ name }) => Array.isArray(whoMay[`Mutation.${name}`])).map(({ name }) => name)
    expect(others.toSorted()).toEqual(['cancelJob', 'publishMessage', 'retryJob', 'submitJob', 'uploadArtifact'])
    const own = new Set(mutations.map(({ name }) => name)).difference(new Set(others))
    expect(new Set(rows.map(({ mutation }) => mutation))).toEqual(own)
  })

  describe.each(rows)('$mutation', (row) => {
    const { good, texts, optional = [], again, winners, losers } = row

    it.each(Object.keys(texts))('refuses every bad text and every wrong kind of value for $%s', async (name) => {
      const person = await newCaller(row)
      const nothing = optional.includes(name) ? [] : [null, undefined]
      for (const value of [...badTexts, ...wrongKinds, ...nothing]) {
        const variables = { ...(await good(person, people)), [name]: value }
        const told = JSON.stringify(value)?.slice(0, 30)
        expect([told, await codeOf(person, row, variables)]).toEqual([told, expectedOf(row, name, value)])
      }
      // None of it did any harm.
      expect((await person.client.run('{ me { id } }')).status).toBe(200)
    })

    it('says what it has to say of the same a second time', async () => {
      const person = await newCaller(row)
      const variables = await good(person, people)
      expect(refusalOf(await person.client.run(row.document, variables))).toBeNull()
      expect(refusalOf(await person.client.run(row.document, variables))).toBe(again)
    })

    it('lets as many of twenty at once through as may be', async () => {
      const person = await newCaller(row)
      const variables = await good(person, people)
      const ip = people.newIp()
      const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf(person, row, variables, ip)))
      const refused = codes.filter((code) => code !== null)
      const worked = codes.length - refused.length
      expect(worked).toBeGreaterThanOrEqual(winners.least)
      expect(worked).toBeLessThanOrEqual(winners.most)
      expect(new Set(refused).difference(new Set(losers ?? [again]))).toEqual(new Set())
    })
  })

  describe.each(rows.filter(({ foreign }) => foreign !== undefined))('$mutation', (row) => {
    it('takes what is somebody else’s for nothing that there is', async () => {
      const [person, other] = [await newCaller(row), await people.newPerson()]
      const variables = { ...(await row.good(person, people)), ...(await row.foreign?.variables(other, people)) }
      expect(await codeOf(person, row, variables)).toBe(row.foreign?.code)
      expect((await other.client.run('{ me { id } }')).status).toBe(200)
    })
  })

  describe.each(rows.filter(({ expires }) => expires !== undefined))('$mutation', (row) => {
    it('takes what it takes in its time only', async () => {
      const { afterMs = 0, code, before = null } = row.expires ?? {}
      const early = await newCaller(row)
      const late = await newCaller(row)
      const [inTime, tooLate] = [await row.good(early, people), await row.good(late, people)]
      people.clock.advance(afterMs - 1)
      expect(await codeOf(early, row, inTime)).toBe(before)
      people.clock.advance(1)
      expect(await codeOf(late, row, tooLate)).toBe(code)
    })
  })

  describe.each(rows.filter(({ asksForStepUp }) => asksForStepUp))('$mutation', (row) => {
    it('asks for factors that were shown within five minutes, says how, and works once they were', async () => {
      const person = await newCaller(row)
      const before = await row.good(person, people)
      people.clock.advance(5 * 60_000)
      const { status, errors } = await person.client.run(row.document, before)
      expect([status, errors.map(({ extensions }) => extensions)]).toEqual([
        403,
        [
          expect.objectContaining({
            code: 'STEP_UP_REQUIRED',
            requiredAssuranceLevel: (await assuranceOf(person)) === 'TWO' ? 2 : 1,
            maxAgeSeconds: 300,
          }),
        ],
      ])
      await people.stepUp(person)
      expect(refusalOf(await person.client.run(row.document, await row.good(person, people)))).toBeNull()
    })
  })

  /** How many factors are to be shown. */
  async function assuranceOf({ client }: Person) {
    const { body } = await client.run('{ mfaStatus { methods } }')
    return body.includes('"methods":[]') ? 'ONE' : 'TWO'
  }

  /** One of the values has begun it: until it has ended everywhere, nobody else can do anything. */
  async function endMaintenance(sessionCookie: string | null) {
    const client = people.api.client({ ip: people.newIp() })
    await client.run('mutation { setMaintenance(on: false) { __typename } }', {}, { sessionCookie })
    await eventually(async () => {
      const told = await Promise.all([1, 2, 3, 4].map(() => client.run('{ maintenance { message } }')))
      return told.every(({ body }) => body === '{"data":{"maintenance":null}}')
    })
  }

  it.each(mutations)('never breaks $name, whoever asks', async (mutation) => {
    const cookies = [null, (await people.newPerson()).client.cookie, (await people.newAdministrator()).client.cookie]
    const document = documentOf(mutation)
    for (const variables of variantsOf(mutation)) {
      for (const sessionCookie of cookies) {
        const client = people.api.client({ ip: people.newIp() })
        const code = refusalOf(await client.run(document, variables, { sessionCookie }))
        expect([JSON.stringify(variables).slice(0, 200), code]).not.toContain('INTERNAL')
      }
    }
    if (mutation.name === 'setMaintenance') await endMaintenance(cookies[2] ?? null)
  })
})
