import { describe, expect, it } from 'vitest'
import { subscribe } from '../../client/subscribe.ts'
import { startServer } from '../support/server-process.ts'
import { signUpAt } from '../support/signed-in.ts'
import { makeTestFolder } from '../support/open-test-store.ts'

const watch = `subscription ($id: ID!) {
  job(id: $id) { __typename job { id state } ... on JobProgressed { progress { fraction } } }
}`

interface Event {
  readonly __typename: string
  readonly job: { readonly state: string }
}

const eventOf = (frame: { data?: Record<string, unknown> | null }) => frame.data?.['job'] as Event

const offsetOf = (cursor: string) => Number.parseInt(cursor.split('.')[2] ?? '', 36)

describe('a server that is killed in the middle of a job and of a stream', () => {
  it('runs the job again after its restart, and the stream goes on from its cursor without a hole', async () => {
    await using folder = await makeTestFolder()
    const cursors: string[] = []
    const states: string[] = []
    let id = ''
    let headers: Readonly<Record<string, string>> = {}
    {
      await using first = await startServer(folder.path)
      const user = await signUpAt(first.url, 'ada', first.setupToken)
      headers = user.headers
      const submitted = await user.request<{ computeFibonacci: { job: { id: string } } }>(
        'mutation { computeFibonacci(input: { n: 42 }) { ... on ComputeFibonacciAccepted { job { id } } } }',
      )
      id = submitted.computeFibonacci.job.id
      const frames = subscribe({
        url: `${first.url}/graphql`,
        operation: { query: watch, variables: { id } },
        transport: 'sse',
        headers,
        after: 'earliest',
      })
      for await (const frame of frames) {
        cursors.push(frame.extensions?.resume?.cursor ?? '')
        states.push(eventOf(frame).job.state)
        if (eventOf(frame).__typename === 'JobProgressed') break
      }
      expect(states.at(-1)).toBe('RUNNING')
      await first.stop('SIGKILL')
    }

    await using second = await startServer(folder.path)
    const opening: unknown[] = []
    const frames = subscribe({
      url: `${second.url}/graphql`,
      operation: { query: watch, variables: { id } },
      transport: 'ws',
      headers,
      after: cursors.at(-1) ?? null,
    })
    for await (const frame of frames) {
      if (opening.length === 0) opening.push(frame.extensions?.resume)
      cursors.push(frame.extensions?.resume?.cursor ?? '')
      states.push(eventOf(frame).job.state)
    }

    expect(opening[0]).toMatchObject({ status: 'recovered', gap: false })
    expect(states.at(-1)).toBe('SUCCEEDED')
    expect(states.slice(states.lastIndexOf('QUEUED'))).toContain('RUNNING')
    expect(states.lastIndexOf('QUEUED')).toBeGreaterThan(states.indexOf('RUNNING'))
    expect(cursors.map(offsetOf)).toEqual(cursors.map((_, index) => index + 1))
  }, 60_000)

  it('ends cleanly on SIGTERM, hands back what runs, and leaves no lock behind', async () => {
    await using folder = await makeTestFolder()
    await using first = await startServer(folder.path)
    const code = await first.stop('SIGTERM')
    expect(code).toBe(0)
    await using second = await startServer(folder.path)
    expect(second.setupToken).not.toBeNull()
  }, 30_000)
})
