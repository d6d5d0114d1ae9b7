import { isInputObjectType, isInterfaceType, isObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createSchema } from '../../src/schema/index.ts'

const { schema } = createSchema([])

/** Every field, argument and field of an input, by its own name alone. */
const names = Object.values(schema.getTypeMap())
  .filter(({ name }) => !name.startsWith('__'))
  .flatMap((type) => {
    if (isInputObjectType(type)) return Object.keys(type.getFields())
    if (!isObjectType(type) && !isInterfaceType(type)) return []
    return Object.values(type.getFields()).flatMap(({ name, args }) => [name, ...args.map((arg) => arg.name)])
  })

describe('the schema', () => {
  it('has nothing in it for hints, secret questions or passwords that expire', () => {
    expect(names).toEqual(expect.arrayContaining(['changePassword', 'currentPassword', 'signIn']))
    const unwanted = /hint|question|rotation|reminder|password\w*(expire|age|change[ds]|history)|mustChange/i
    expect(names.filter((name) => unwanted.test(name))).toEqual([])
  })
})
