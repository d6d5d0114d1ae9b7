import { describe, expect, it } from 'vitest'
import { createSealer } from '../../../src/core/sealer.ts'
import { createMailQueue, mailContext, type MailQueueOptions } from '../../../src/services/accounts/mail/queue-mail.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { openTestStore } from '../../support/open-test-store.ts'
import { client } from './open-accounts.ts'

const notice = { kind: 'PASSWORD_RESET', token: 'the token' } as const
const sealer = createSealer(['s'.repeat(32)])

async function openQueue(options: Partial<MailQueueOptions> = {}) {
  const store = await openTestStore()
  const logger = collectingLogger()
  const clock = fakeClock()
  const queue = createMailQueue({ sealer, clock, logger, ...options })
  return { ...queue, store, logger, clock, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}

describe('mails that wait', () => {
  it('are sealed as a whole, each for its own row', async () => {
    await using queue = await openQueue()
    const { store, mail, requestMail, clock } = queue
    await store.write((records) => mail(records, 'ada@example.com', notice))
    clock.advance(1)
    const request = { kind: 'PASSWORD_RESET', emailKey: 'ada@example.com', client } as const
    await store.write((records) => requestMail(records, request))
    const waiting = await store.read(({ mails }) => mails.list())
    expect(JSON.stringify(waiting)).not.toMatch(/ada|the token|PASSWORD/)
    const [first, second] = waiting
    const opened = waiting.map(({ id, sealed }): unknown => JSON.parse(sealer.open(sealed, mailContext(id))))
    expect(opened).toEqual([
      { kind: 'NOTICE', to: 'ada@example.com', notice },
      { kind: 'REQUEST', request },
    ])
    expect(() => sealer.open(first?.sealed ?? '', mailContext(second?.id ?? ''))).toThrow('belongs to another row')
  })

  it('are lost with the transaction that they tell of', async () => {
    await using queue = await openQueue()
    const { store, mail } = queue
    const failing = store.write(async (records) => {
      await mail(records, 'ada@example.com', notice)
      throw new Error('undone')
    })
    await expect(failing).rejects.toThrow('undone')
    expect(await store.read(({ mails }) => mails.count())).toBe(0)
  })

  it('are announced when they are entered', async () => {
    let calls = 0
    await using queue = await openQueue({ wake: () => (calls += 1) })
    await queue.store.write((records) => queue.mail(records, 'ada@example.com', notice))
    expect(calls).toBe(1)
  })

  it('are only so many: further ones are dropped, and what they tell of happens all the same', async () => {
    await using queue = await openQueue({ maxWaiting: 2 })
    const { store, mail, logger } = queue
    for (let n = 0; n < 4; n += 1) await store.write((records) => mail(records, 'ada@example.com', notice))
    expect(await store.read(({ mails }) => mails.count())).toBe(2)
    expect(logger.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual(
      Array.from({ length: 2 }, () => 'error: A mail was dropped: too many wait already. Are mails sent at all?'),
    )
    expect(JSON.stringify(logger.lines)).not.toMatch(/ada|the token/)
  })
})
