import {
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isInputObjectType,
  lexicographicSortSchema,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { checksCredential } from '../../src/schema/accounts/checks-credential.ts'
import { createSchema } from '../../src/schema/index.ts'
import { credentialFields, mayHoldCredential } from '../../src/server/gate/one-credential-field.ts'

/** What an argument is called that somebody could guess at, or that nobody else may see. */
const credentialNames: ReadonlySet<string> = new Set([
  'password',
  'currentPassword',
  'newPassword',
  'totpCode',
  'code',
  'recoveryCode',
  'passkey',
  'response',
  'proof',
  'token',
  'challengeToken',
  'refreshToken',
  'inviteToken',
  'setupToken',
  'codeVerifier',
])

/** Names of this kind that are no credentials. */
const harmless: ReadonlySet<string> = new Set(['codeChallenge'])

const schema = lexicographicSortSchema(createSchema([]).schema)

/** The names of all that a value may hold, at whatever depth. */
function namesIn(name: string, type: GraphQLInputType, seen: ReadonlySet<string> = new Set()): readonly string[] {
  const named = getNamedType(type)
  if (!isInputObjectType(named) || seen.has(named.name)) return [name]
  const fields = Object.values(named.getFields())
  return [name, ...fields.flatMap((field) => namesIn(field.name, field.type, new Set([...seen, named.name])))]
}

function argumentsOf(root: GraphQLObjectType | null | undefined): ReadonlyMap<string, readonly string[]> {
  const fields = Object.values(root?.getFields() ?? {})
  return new Map(fields.map(({ name, args }) => [name, args.flatMap((arg) => namesIn(arg.name, arg.type))]))
}

const mutations = argumentsOf(schema.getMutationType())
const taking = [...mutations].filter(([, names]) => names.some((name) => credentialNames.has(name)))

describe('the mutations that count as credential-checking', () => {
  it('are all that take a credential, and no others', () => {
    expect(taking.map(([name]) => name)).toEqual([...credentialFields].toSorted())
  })

  it('say so, all in the same words, and nothing else does', () => {
    const fields = Object.values(schema.getMutationType()?.getFields() ?? {})
    const saying = fields.filter(({ description }) => description?.endsWith(checksCredential('')))
    expect(saying.map(({ name }) => name)).toEqual([...credentialFields].toSorted())
  })

  it('leave out no argument that looks like a credential under another name', () => {
    const doubtful = [...mutations.values()]
      .flat()
      .filter((name) => /password|secret|token|code|passkey|proof|pin$|credential|assertion/i.test(name))
    expect(new Set(doubtful.filter((name) => !credentialNames.has(name) && !harmless.has(name)))).toEqual(new Set())
  })

  it('are mutations: nothing else takes a credential', () => {
    for (const root of [schema.getQueryType(), schema.getSubscriptionType()]) {
      for (const names of argumentsOf(root).values()) {
        expect(names.filter((name) => credentialNames.has(name))).toEqual([])
      }
    }
  })

  it('are known by their texts, which are not kept', () => {
    expect([...credentialFields].filter((name) => !mayHoldCredential(`mutation { a: ${name}(x: "secret") }`))).toEqual(
      [],
    )
    expect(mayHoldCredential('{ me { id } }')).toBe(false)
  })
})
