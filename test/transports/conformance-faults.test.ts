import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isFailure, runSuite } from '../../conformance/run-suite.ts'
import { suite } from '../../conformance/suite.ts'
import type { Part } from '../../conformance/bench.ts'
import { counterProfile } from '../support/counter-profile.ts'
import { type FaultyProxy, openFaultyProxy, type Tampering } from '../support/faulty-proxy.ts'
import { openStreamServer, type StreamServer } from '../support/open-stream-server.ts'
import { pollFaults } from '../support/stream-faults/poll-faults.ts'
import { sseFaults } from '../support/stream-faults/sse-faults.ts'
import { wsFaults } from '../support/stream-faults/ws-faults.ts'

const faults = [...wsFaults, ...sseFaults, ...pollFaults]
const everything = ['ws', 'sse', 'poll'] as const

let server: StreamServer
let proxy: FaultyProxy
let tamper: () => Tampering

beforeAll(async () => {
  server = await openStreamServer({
    limits: { initWaitMs: 1_000, maxOperations: 20, keepAliveMs: 1_000 },
    times: { heartbeatMs: 1_000 },
  })
  proxy = await openFaultyProxy(server.url, () => tamper())
  proxy.local = counterProfile.local(server)
})

afterAll(async () => {
  await proxy[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

interface Run {
  readonly over: readonly Part[]
  readonly only?: string | undefined
  readonly slow?: boolean
  readonly tampering?: () => Tampering
}

/** The ids of the checks that fail, with what they saw, and how many were made. */
async function run({ over, only = '', slow = false, tampering = () => ({}) }: Run) {
  tamper = tampering
  const headers = { authorization: 'Bearer user-1' }
  const outcomes = await runSuite({
    target: { url: proxy.url, headers, profile: counterProfile.profile, patienceMs: 3_000, largeText: 70_000 },
    checks: suite.filter(({ id }) => id.startsWith(only)),
    only: over,
    slow,
    signal: new AbortController().signal,
  })
  const failed = outcomes.filter((outcome) => isFailure(outcome) || outcome.state === 'failed')
  return {
    failed: failed.map(({ check }) => check.id),
    notes: failed.map(({ check, note }) => `${check.id}: ${note}`),
    made: outcomes.filter(({ state }) => state !== 'skipped').length,
  }
}

describe('the conformance suite', () => {
  it('finds nothing wrong with a server that does nothing wrong', { timeout: 240_000 }, async () => {
    const { notes, made } = await run({ over: everything, slow: true })
    expect(notes).toEqual([])
    expect(made).toBe(suite.length)
  })

  it.each(faults)('finds out a server that over $over $name', { timeout: 60_000 }, async ({ found, ...fault }) => {
    const { failed } = await run({ ...fault, tampering: fault.tamper })
    expect(failed).toEqual(found)
  })

  it('has no check that no fault fails, but for those that take long', () => {
    const known = new Set(faults.flatMap(({ found }) => found))
    const unknown = suite.filter(({ id, slow }) => slow !== true && !known.has(id)).map(({ id }) => id)
    expect(unknown).toEqual([])
  })
})
