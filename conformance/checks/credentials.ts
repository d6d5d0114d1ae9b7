import type { Bench, Check } from '../bench.ts'
import type { Operation, Transport } from '../target.ts'
import { Impossible, must, mustEqual, show } from '../violation.ts'
import { codeOf, openWatch, refusalOf } from '../watch.ts'
import { exchange } from '../wire/http.ts'
import { poll, postOf } from '../request-of.ts'
import { eachTransport } from './each-transport.ts'

/** The same server without a credential. */
function anonymous(bench: Bench): Bench {
  return { ...bench, target: { ...bench.target, headers: {} } }
}

/** What is not for everybody, with a cursor that is good for who may see it. */
async function guardedOf(
  bench: Bench,
  transport: Transport,
): Promise<{ readonly operation: Operation; readonly cursor: string }> {
  const { guarded } = bench.target.profile
  const { operation, events } = await bench.finishedLog()
  if (guarded === null) return { operation, cursor: events[0]?.cursor ?? '' }
  const watch = await openWatch(bench, transport, guarded)
  const answer = await watch.next()
  watch.close()
  const cursor = answer?.cursor ?? null
  if (cursor === null) throw new Impossible(`the guarded subscription gave ${show(answer?.payload)}`)
  return { operation: guarded, cursor }
}

async function resumesAreAuthorised(bench: Bench, transport: Transport): Promise<void> {
  const { operation, cursor } = await guardedOf(bench, transport)
  const nobody = anonymous(bench)
  const first = await refusalOf(nobody, transport, operation)
  must(first.code !== null && !first.code.startsWith('CURSOR_'), `without a credential: ${show(first)}`)
  for (const onGap of ['snapshot', 'error']) {
    const again = await refusalOf(nobody, transport, operation, { after: cursor, onGap })
    mustEqual(again.code, first.code, 'the code of a resume with a good cursor and without a credential')
  }
}

/** A stranger learns nothing from which of two refusals comes first. */
async function cursorsTellStrangersNothing(bench: Bench, transport: Transport): Promise<void> {
  const { operation, cursor } = await guardedOf(bench, transport)
  const nobody = anonymous(bench)
  const ahead = cursor.replace(/[^.]*$/, 'zzzzzz')
  const codes = new Set<string | null>()
  for (const after of [cursor, ahead, 'c1.AAAAAAAAAAAA.1']) {
    codes.add((await refusalOf(nobody, transport, operation, { after, onGap: 'error' })).code)
  }
  mustEqual(codes.size, 1, 'different codes for cursors of a log that the client may not see')
}

async function badCredentialsAreRefused(bench: Bench): Promise<void> {
  const { operation } = bench.openLog()
  const nobody = anonymous(bench)
  const polled = await poll(nobody, operation, { authorization: 'Bearer nonsense' })
  mustEqual([polled.status, codeOf(polled.json)], [401, 'UNAUTHENTICATED'], 'status and code of a poll')
  const headers = { authorization: 'Bearer nonsense', accept: 'text/event-stream' }
  const posted = await exchange(postOf(nobody, operation, headers))
  must(posted.text.includes('UNAUTHENTICATED'), `the answer to a POST for an event stream: ${show(posted.text)}`)
}

export const credentialChecks: readonly Check[] = [
  ...eachTransport({
    id: 'credential.resume',
    rule: 'U1',
    level: 'MUST',
    says: 'a cursor grants nothing: each resume is authorised like a first request',
    run: resumesAreAuthorised,
  }),
  ...eachTransport({
    id: 'credential.blind',
    rule: 'C5',
    level: 'MUST',
    says: 'who may not see a log learns nothing from how cursors are refused',
    run: cursorsTellStrangersNothing,
  }),
  {
    id: 'http.credential.bad',
    rule: 'U4',
    level: 'MUST',
    says: 'a credential that is not valid is refused with `UNAUTHENTICATED`',
    parts: ['sse', 'poll'],
    run: badCredentialsAreRefused,
  },
]
