import { expect, it } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { multipart, send } from '../../support/http/requests.ts'
import { openTestDoor } from '../../support/http/test-door.ts'

it('the files of an upload that was given up stay as long as something still works with them', async () => {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>()
  const engine = {
    run: async () => ({ type: 'result', result: { data: null }, begun: true, left }) as const,
  }
  await using server = await openTestDoor({ artifactMaxBytes: 1_000, door: { engine } })
  const answer = await send(server.port, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=boundary', authorization: 'Bearer alice-token' },
    body: multipart([
      { name: 'operations', value: '{"query":"mutation { any }","variables":{"f":null}}' },
      { name: 'map', value: '{"0":["variables.f"]}' },
      { name: '0', value: 'text', fileName: 'a.txt', type: 'text/plain' },
    ]),
  })
  expect(answer.status).toBe(200)
  expect(await server.storedFiles()).toHaveLength(1)
  leave()
  await eventually(async () => (await server.storedFiles()).length === 0)
})
