import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ResultOf, VariablesOf } from '@graphql-typed-document-node/core'
import { buildSchema, execute, parse, validate } from 'graphql'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { projectRoot } from '../../scripts/run-command.ts'
import { graphql } from '../support/gql/index.ts'

const WatchedJob = graphql(`
  fragment WatchedJob on Job {
    id
    state
  }
`)

const FindJob = graphql(`
  query FindJob($id: ID!) {
    job(id: $id) {
      ...WatchedJob
      createdAt
    }
  }
`)

describe('a typed operation', () => {
  it('knows the types of its variables and its result', () => {
    type Job = NonNullable<ResultOf<typeof FindJob>['job']>
    expectTypeOf<VariablesOf<typeof FindJob>>().toEqualTypeOf<{ id: string | number }>()
    expectTypeOf<Job['id']>().toEqualTypeOf<string>()
    expectTypeOf<Job['createdAt']>().toEqualTypeOf<string>()
    expectTypeOf<Extract<Job['state'], 'RUNNING' | 'SUCCEEDED'>>().toEqualTypeOf<'RUNNING' | 'SUCCEEDED'>()
    expect(WatchedJob.toString()).toContain('fragment WatchedJob on Job')
  })

  it('is the text of an operation that the schema takes, its fragments included', async () => {
    const schema = buildSchema(readFileSync(join(projectRoot, 'schema.graphql'), 'utf8'))
    const document = parse(FindJob.toString())
    expect(validate(schema, document)).toEqual([])
    const answer = await execute({ schema, document, variableValues: { id: 'job_1' }, rootValue: { job: null } })
    expect(answer).toEqual({ data: { job: null } })
  })
})
