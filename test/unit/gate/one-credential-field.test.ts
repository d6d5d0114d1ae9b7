import { buildSchema, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { oneCredentialField } from '../../../src/server/gate/one-credential-field.ts'

const schema = buildSchema(`
  type Query { me: String signIn: String }
  type Mutation { signIn(password: String): Result signUp(password: String): Result signOut: Boolean }
  type Result { ok: Boolean signIn: String }
`)

function codes(source: string): readonly unknown[] {
  return validate(schema, parse(source), [oneCredentialField]).map(({ extensions }) => extensions['code'])
}

const one = 'signIn(password: "x") { ok }'

describe('credential-checking fields', () => {
  it.each([
    ['twice under aliases', `mutation { a: ${one} b: ${one} }`],
    ['twice under one name', `mutation { ${one} ${one} }`],
    ['of two kinds', `mutation { ${one} signUp(password: "x") { ok } }`],
    ['a thousand times', `mutation { ${Array.from({ length: 1000 }, (_, i) => `a${i}: ${one}`).join(' ')} }`],
    ['in inline fragments', `mutation { ... on Mutation { a: ${one} } ... { ... { b: ${one} } } }`],
    ['in a fragment', `mutation { ...F } fragment F on Mutation { a: ${one} b: ${one} }`],
    ['in a fragment that is spread twice', `mutation { ...F ... { ...F } } fragment F on Mutation { a: ${one} }`],
    ['beside a fragment', `mutation { a: ${one} ...F } fragment F on Mutation { b: ${one} }`],
    [
      'in fragments within fragments',
      `mutation { ...F ...G } fragment F on Mutation { ...H } fragment G on Mutation { ...H } fragment H on Mutation { ${one} }`,
    ],
    [
      'left out by a directive, which a variable could take back',
      `mutation ($no: Boolean!) { a: ${one} b: signIn @skip(if: $no) { ok } }`,
    ],
    ['after other fields', `mutation { signOut a: ${one} c: signOut b: ${one} }`],
  ])('are refused: %s', (_name, source) => {
    expect(codes(source)).toEqual(['TOO_MANY_CREDENTIAL_FIELDS'])
  })

  it('are refused with a sentence and a code', () => {
    const [error] = validate(schema, parse(`mutation { a: ${one} b: ${one} }`), [oneCredentialField])
    expect(error?.message).toBe(
      'An operation may hold one field that checks a credential, and only once; nothing was tried.',
    )
    expect(error?.extensions).toEqual({ code: 'TOO_MANY_CREDENTIAL_FIELDS' })
  })

  it('are allowed once an operation, in whatever form', () => {
    expect(codes(`mutation { ${one} signOut }`)).toEqual([])
    expect(codes(`mutation { ...F } fragment F on Mutation { ${one} }`)).toEqual([])
    expect(codes(`mutation A { ${one} } mutation B { ${one} }`)).toEqual([])
    expect(codes('mutation { signIn { signIn ok a: signIn } }')).toEqual([])
    expect(codes('{ me }')).toEqual([])
  })

  it('are counted in a time that does not grow with fragments that spread fragments', () => {
    const spreads = Array.from({ length: 60 }, (_, i) => `fragment F${i} on Mutation { ...F${i + 1} ...F${i + 1} }`)
    const started = performance.now()
    expect(codes(`mutation { ...F0 } ${spreads.join(' ')} fragment F60 on Mutation { signOut }`)).toEqual([])
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('come to an end where fragments spread themselves', () => {
    expect(codes(`mutation { ...F } fragment F on Mutation { ...G ${one} } fragment G on Mutation { ...F }`)).toEqual(
      [],
    )
    expect(codes('mutation { ...Missing }')).toEqual([])
  })
})
