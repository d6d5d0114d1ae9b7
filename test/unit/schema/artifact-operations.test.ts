import { execute, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../src/core/errors.ts'
import type { Artifact } from '../../../src/ports/artifact-index.ts'
import type { RequestContext } from '../../../src/resolvers/context.ts'
import { createSchema } from '../../../src/schema/index.ts'
import type { ReceivedFile } from '../../../src/services/jobs/artifact-intake.ts'
import { fakeContext, principal } from './fake-context.ts'
import { runOperation } from './run-operation.ts'

const { schema } = createSchema([])

const artifact: Artifact = {
  id: 'art_1',
  ownerId: 'usr_1',
  hash: 'ab',
  size: 5_000_000_000,
  fileName: 'cars.csv',
  mediaType: 'text/csv',
  createdAt: 0,
}

const file: ReceivedFile = {
  blob: { hash: 'ab', size: 3, keep: () => Promise.resolve(), [Symbol.asyncDispose]: () => Promise.resolve() },
  fileName: 'cars.csv',
  mediaType: 'text/csv',
}

const upload = 'mutation ($file: Upload!) { uploadArtifact(file: $file) { id } }'

const run = (source: string, context: RequestContext, variables: Record<string, unknown> = {}) =>
  runOperation(schema, source, context, variables)

describe('artifacts', () => {
  it('are told with the address of their bytes', async () => {
    const context = fakeContext({
      artifacts: { find: (_principal, id) => Promise.resolve(id === 'art_1' ? artifact : null) },
    })
    const source =
      '{ artifact(id: "art_1") { id fileName mediaType size createdAt url } none: artifact(id: "art_2") { id } }'
    expect(await run(source, context)).toEqual({
      data: {
        artifact: {
          id: 'art_1',
          fileName: 'cars.csv',
          mediaType: 'text/csv',
          size: 5_000_000_000,
          createdAt: '1970-01-01T00:00:00.000Z',
          url: 'https://mill.example.com/artifacts/art_1',
        },
        none: null,
      },
    })
  })

  it('are made of a received file', async () => {
    const calls: unknown[][] = []
    const context = fakeContext({
      artifacts: {
        upload: (...args) => {
          calls.push(args)
          return Promise.resolve(artifact)
        },
      },
    })
    expect(await run(upload, context, { file })).toEqual({ data: { uploadArtifact: { id: 'art_1' } } })
    expect(calls).toEqual([[principal, file]])
    expect(calls[0]?.[1]).toBe(file)
  })

  it('that are refused are told in `errors`', async () => {
    const refusal = new Refusal('PAYLOAD_TOO_LARGE', 'Too large.')
    const context = fakeContext({ artifacts: { upload: () => Promise.reject(refusal) } })
    const result = await execute({ schema, document: parse(upload), contextValue: context, variableValues: { file } })
    expect('errors' in result && result.errors?.[0]?.cause).toBe(refusal)
  })

  const sentence =
    'An Upload takes a file of a multipart request, given through a variable; not a literal and not any other value.'

  it('are not made of a value that came as JSON', async () => {
    for (const value of ['cars.csv', 5, {}, [file.fileName], { blob: { hash: 'ab', size: 3, keep: 'yes' } }]) {
      const result = await run(upload, fakeContext({}), { file: value })
      expect(result.errors?.map(({ message }) => message)).toEqual([`Variable "$file" has invalid value: ${sentence}`])
    }
  })

  it('are not made of a literal', () => {
    const errors = validate(schema, parse('mutation { uploadArtifact(file: "cars.csv") { id } }'))
    expect(errors.map(({ message }) => message)).toEqual([sentence])
    expect(errors[0]?.extensions).toEqual({ code: 'INVALID_INPUT' })
  })
})
