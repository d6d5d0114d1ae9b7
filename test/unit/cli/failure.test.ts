import { describe, expect, it } from 'vitest'
import { codeForPeople } from '../../../src/cli/failure.ts'

const withCode = (code: unknown) => Object.assign(new Error('It failed.'), { code })

describe('the code of a start-up error', () => {
  it.each(['PORT_IN_USE', 'STORE_UNUSABLE', 'MEMBERS_GIVEN_UP'])('is for people where it is ours: %s', (code) => {
    expect(codeForPeople(withCode(code))).toBe(code)
  })

  it.each([
    ['of Node', withCode('ERR_MODULE_NOT_FOUND')],
    ['of the system', withCode('ENOENT')],
    ['that is a number', withCode(5)],
    ['of none', new Error('It failed.')],
    ['of what is no error', { code: 'PORT_IN_USE' }],
  ])('is not, so that the stack is kept, where it is one %s', (_, error) => {
    expect(codeForPeople(error)).toBeNull()
  })
})
