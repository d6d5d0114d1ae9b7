import { serverAudits } from 'graphql-http'
import { describe, expect, it } from 'vitest'
import { openTestDoor } from '../support/http/test-door.ts'

describe('GraphQL over HTTP', () => {
  it('passes all 61 audits of graphql-http', async () => {
    await using server = await openTestDoor()
    const audits = serverAudits({ url: `http://127.0.0.1:${server.port}/graphql` })
    const results = await Promise.all(audits.map((audit) => audit.fn()))
    const failed = results.flatMap((result) => (result.status === 'ok' ? [] : [`${result.id} ${result.name}`]))
    expect(failed).toEqual([])
    expect(results).toHaveLength(61)
  })
})
