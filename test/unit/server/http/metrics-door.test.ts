import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../../src/core/errors.ts'
import { createMetricsDoor, everybody, type MetricsDoorOptions } from '../../../../src/server/http/metrics-door.ts'
import { eventually } from '../../../support/eventually.ts'
import { send } from '../../../support/http/requests.ts'
import { openTestDoor } from '../../../support/http/test-door.ts'

const path = '/metrics'
const text = { mediaType: 'text/plain; version=0.0.4; charset=utf-8', text: 'µ 1\n' }

const openDoor = (options: Partial<MetricsDoorOptions> = {}) =>
  openTestDoor({
    door: { metrics: createMetricsDoor({ collect: async () => text, authorise: everybody, ...options }) },
  })

describe('the door of the figures', () => {
  it('answers with the text, which nobody may keep', async () => {
    await using server = await openDoor()
    const answer = await send(server.port, { path })
    expect([answer.status, answer.body]).toEqual([200, text.text])
    expect(answer.headers).toMatchObject({
      'content-type': text.mediaType,
      'content-length': '5',
      'cache-control': 'no-store',
    })
  })

  it('is not there where the figures are on another port', async () => {
    await using server = await openTestDoor()
    expect((await send(server.port, { path })).status).toBe(404)
  })

  it('collects once for all who ask meanwhile, and anew for who comes after', async () => {
    const gates: PromiseWithResolvers<typeof text>[] = []
    let asking = 0
    await using server = await openDoor({
      collect: () => {
        const gate = Promise.withResolvers<typeof text>()
        gates.push(gate)
        return gate.promise
      },
      authorise: async () => void (asking += 1),
    })
    const answers = Array.from({ length: 5 }, () => send(server.port, { path }))
    await eventually(() => asking === 5)
    gates[0]?.resolve({ ...text, text: 'first 1\n' })
    expect((await Promise.all(answers)).map(({ body }) => body)).toEqual(Array.from({ length: 5 }, () => 'first 1\n'))
    const later = send(server.port, { path })
    await eventually(() => gates.length === 2)
    gates[1]?.resolve({ ...text, text: 'second 1\n' })
    expect((await later).body).toBe('second 1\n')
  })

  it('goes on after a collection that failed, which nobody is told the reason of', async () => {
    let isBroken = true
    await using server = await openDoor({
      collect: async () => {
        if (isBroken) throw new Error('inner detail')
        return text
      },
    })
    const failed = await send(server.port, { path })
    expect(failed.status).toBe(500)
    expect(failed.body).not.toContain('inner detail')
    isBroken = false
    expect((await send(server.port, { path })).status).toBe(200)
  })

  it('collects nothing for who may not see it', async () => {
    let collected = 0
    await using server = await openDoor({
      collect: async () => {
        collected += 1
        return text
      },
      authorise: async () => {
        throw new Refusal('UNAUTHENTICATED', 'Sign in first.')
      },
    })
    const answer = await send(server.port, { path })
    expect([answer.status, answer.json().errors?.[0]?.message, collected]).toEqual([401, 'Sign in first.', 0])
    expect((await send(server.port, { path, method: 'DELETE' })).status).toBe(405)
  })

  it('is closed to pages of other sites that a browser sends its cookie for', async () => {
    await using server = await openDoor()
    const headers = { cookie: 'millrace=alice-cookie', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }
    const answer = await send(server.port, { path, headers })
    expect([answer.status, answer.json().errors?.[0]?.extensions['code']]).toEqual([403, 'CSRF_REFUSED'])
  })
})
