import { type GraphQLInputType, getNamedType, isInputObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createSchema } from '../../src/schema/index.ts'
import { credentialFields } from '../../src/server/gate/one-credential-field.ts'

const mutations = Object.values(createSchema([]).schema.getMutationType()?.getFields() ?? {})

/** Whether a value of the type may hold a password, at whatever depth. */
function takesPassword(name: string, type: GraphQLInputType): boolean {
  if (/password$/i.test(name)) return true
  const named = getNamedType(type)
  return (
    isInputObjectType(named) && Object.values(named.getFields()).some((field) => takesPassword(field.name, field.type))
  )
}

describe('the mutations that count as credential-checking', () => {
  it('are all that take a password', () => {
    const taking = mutations.filter(({ args }) => args.some((arg) => takesPassword(arg.name, arg.type)))
    expect(new Set(taking.map(({ name }) => name))).toEqual(credentialFields)
  })
})
