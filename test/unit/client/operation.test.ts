import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { writeOut } from '../../../client/operation.ts'
import { subscribe, type SubscribeOptions } from '../../../client/subscribe.ts'
import { FindJobDocument } from '../../support/gql/graphql.ts'

const text = 'subscription Count($topic: String!) { counter(topic: $topic) { n } }'

interface Data {
  readonly counter: { readonly n: number }
}

// What a generator writes.
const node = parse(text) as TypedDocumentNode<Data, { topic: string }>
const url = 'http://localhost/graphql'

describe('an operation', () => {
  it('is written out from a text, a typed text or a typed document', async () => {
    expect(await writeOut({ query: text, variables: { topic: 'c' }, operationName: 'Count' })).toEqual({
      query: text,
      variables: { topic: 'c' },
      operationName: 'Count',
    })
    const { query } = await writeOut({ query: node, variables: { topic: 'c' } })
    expect(parse(query)).toMatchObject({ definitions: [{ name: { value: 'Count' } }] })
    expect(await writeOut({ query: text })).toEqual({ query: text })
    const written = await writeOut({ query: FindJobDocument, variables: { id: 'job_1' } })
    expect(written.query).toContain('query FindJob($id: ID!)')
    expect(typeof written.query).toBe('string')
  })

  it('gives frames and takes variables of the types of its document', () => {
    const frames = subscribe({ url, operation: { query: node, variables: { topic: 'c' } } })
    expectTypeOf(frames.next).returns.resolves.toHaveProperty('value')
    type Frame = Exclude<Awaited<ReturnType<typeof frames.next>>['value'], void>
    expectTypeOf<Frame['data']>().toEqualTypeOf<Data | null | undefined>()
    type Operation = SubscribeOptions<Data, { topic: string }>['operation']
    expectTypeOf<{ query: string }>().not.toExtend<Operation>()
    expectTypeOf<{ query: string; variables: { topic: number } }>().not.toExtend<Operation>()
    const plain = subscribe({ url, operation: { query: text } })
    type Plain = Exclude<Awaited<ReturnType<typeof plain.next>>['value'], void>
    expectTypeOf<Plain['data']>().toEqualTypeOf<Record<string, unknown> | null | undefined>()
  })
})
