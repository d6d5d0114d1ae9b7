import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { sqliteStore } from '../../../src/adapters/sql/sqlite-store.ts'
import { createSealer } from '../../../src/core/sealer.ts'
import type { Mail, Mailer } from '../../../src/ports/mailer.ts'
import type { Store } from '../../../src/ports/store.ts'
import { createMailQueue } from '../../../src/services/accounts/mail/queue-mail.ts'
import { type MailSenderOptions, sendMails } from '../../../src/services/accounts/mail/send-mails.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { eventually } from '../../support/eventually.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { openTestStore } from '../../support/open-test-store.ts'
import { day } from './open-accounts.ts'

const sealer = createSealer(['s'.repeat(32)])
const minute = 60_000
const hour = 60 * minute

/** Stands for a server; what it is sent is decided by `take`. */
function mailerOf(take: (mail: Mail) => Promise<void>): Mailer & { closed: boolean } {
  return {
    closed: false,
    send: take,
    async [Symbol.asyncDispose]() {
      this.closed = true
    },
  }
}

async function openOutbox() {
  const store = await openTestStore()
  const [clock, logger] = [fakeClock(), collectingLogger()]
  const sent: string[] = []
  const takeAll = async ({ to }: Mail) => void sent.push(to)
  let wake = () => {}
  const { mail } = createMailQueue({ sealer, clock, logger, wake: () => wake() })

  return {
    store,
    clock,
    logger,
    sent,
    queue: (...recipients: readonly string[]) =>
      Promise.all(recipients.map((to) => store.write((records) => mail(records, to, { kind: 'ACCOUNT_DELETED' })))),
    count: () => store.read(({ mails }) => mails.count()),
    /** A sender that looks only when it is woken. */
    open(take: (mail: Mail) => Promise<void> = takeAll, options: Partial<MailSenderOptions> = {}) {
      const mailer = mailerOf(take)
      const appUrl = () => 'https://app.example.com'
      const given = {
        store,
        clock,
        logger,
        sealer,
        mailer,
        appUrl,
        answer: async () => {},
        pollMs: 3_600_000,
        ...options,
      }
      const sender = sendMails(given)
      wake = sender.wake
      return { mailer, ...sender }
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

const addresses = (count: number) => Array.from({ length: count }, (_, n) => `user${n}@example.com`)

/** What waits, as it stands. */
const waitingOf = (store: Store) => store.read(({ mails }) => mails.list())

describe('the sender of mails', () => {
  it('is woken by a mail that is queued, and forgets it once it is sent', async () => {
    await using outbox = await openOutbox()
    await using sender = outbox.open()
    await outbox.queue('ada@example.com')
    await eventually(async () => (await outbox.count()) === 0)
    expect(outbox.sent).toEqual(['ada@example.com'])
    expect(sender.mailer.closed).toBe(false)
  })

  it('finds by itself what another process queued, or nobody announced', async () => {
    await using outbox = await openOutbox()
    await using _sender = outbox.open(undefined, { pollMs: 10 })
    await using elsewhere = await sqliteStore({ path: outbox.store.path })
    const { mail } = createMailQueue({ sealer, clock: outbox.clock, logger: outbox.logger })
    await elsewhere.write((records) => mail(records, 'ada@example.com', { kind: 'MFA_RESET' }))
    await eventually(() => outbox.sent.length === 1)
  })

  it('sends a few at a time, and all in the end', async () => {
    await using outbox = await openOutbox()
    const all = addresses(23)
    await outbox.queue(...all)
    let [now, most] = [0, 0]
    await using _sender = outbox.open(async ({ to }) => {
      now += 1
      most = Math.max(most, now)
      await new Promise((resolve) => setImmediate(resolve))
      now -= 1
      outbox.sent.push(to)
    })
    await eventually(async () => (await outbox.count()) === 0)
    expect(outbox.sent.toSorted()).toEqual(all.toSorted())
    expect(most).toBe(5)
  })

  it('of two processes lets one send each mail', async () => {
    await using outbox = await openOutbox()
    await using other = await sqliteStore({ path: outbox.store.path })
    const all = addresses(40)
    await outbox.queue(...all)
    await using _first = outbox.open()
    await using _second = outbox.open(undefined, { store: other })
    await eventually(async () => (await outbox.count()) === 0)
    expect(outbox.sent.toSorted()).toEqual(all.toSorted())
  })

  it('sends again what a process took and died with, once its lease is over', async () => {
    await using outbox = await openOutbox()
    await outbox.queue('ada@example.com')
    const died = Promise.withResolvers<void>()
    let taken = 0
    // It has handed the mail over, and never comes to note so.
    const dying = outbox.open(() => {
      taken += 1
      return died.promise
    })
    await eventually(() => taken === 1)
    await using next = outbox.open()
    next.wake()
    outbox.clock.advance(2 * minute - 1)
    next.wake()
    await eventually(async () => (await waitingOf(outbox.store))[0]?.attempts === 1)
    expect(outbox.sent).toEqual([])
    outbox.clock.advance(1)
    next.wake()
    await eventually(() => outbox.sent.length === 1)
    died.resolve()
    await dying[Symbol.asyncDispose]()
    expect(await outbox.count()).toBe(0)
  })

  it('sends what a killed process was about to send', async () => {
    await using outbox = await openOutbox()
    await outbox.queue('ada@example.com')
    const program = fileURLToPath(new URL('fixtures/dying-sender.ts', import.meta.url))
    const dying = spawn(process.execPath, [program, outbox.store.path, String(outbox.clock.now())])
    expect(await once(dying, 'exit')).toEqual([null, 'SIGKILL'])
    expect(await waitingOf(outbox.store)).toMatchObject([{ attempts: 1, sendAt: outbox.clock.now() + 2 * minute }])
    outbox.clock.advance(2 * minute)
    await using _next = outbox.open()
    await eventually(async () => (await outbox.count()) === 0)
    expect(outbox.sent).toEqual(['ada@example.com'])
  })

  it('tries again later and later, and gives up after a day, with no word of the mail in the log', async () => {
    await using outbox = await openOutbox()
    await outbox.queue('ada@example.com')
    const start = outbox.clock.now()
    const waits: number[] = []
    let tries = 0
    const token = 'x'.repeat(43)
    await using sender = outbox.open(async () => {
      tries += 1
      throw new Error(`554 refused: https://app.example.com/#/reset-password?token=ott_1.${token}`)
    })
    for (let n = 1; (await outbox.count()) > 0; n += 1) {
      const isPutOff = ({ level }: { level: string }) => level === 'warn' || level === 'error'
      await eventually(() => outbox.logger.lines.filter(isPutOff).length === n)
      const [waiting] = await waitingOf(outbox.store)
      if (waiting === undefined) break
      expect(waiting.attempts).toBe(n)
      waits.push(waiting.sendAt - outbox.clock.now())
      outbox.clock.advance(waiting.sendAt - outbox.clock.now())
      sender.wake()
    }
    expect(outbox.clock.now() - start).toBeLessThanOrEqual(day)
    expect(outbox.clock.now() - start).toBeGreaterThan(day - 2 * hour)
    // With full jitter each wait is up to 20 s, 40 s, 80 s … two hours.
    waits.forEach((wait, n) => expect(wait).toBeLessThanOrEqual(Math.min(2 * hour, 20_000 * 2 ** n)))
    expect(outbox.logger.lines.at(-1)).toMatchObject({
      level: 'error',
      fields: { attempts: tries },
      message: 'A mail was dropped: no server took it within a day.',
    })
    expect(JSON.stringify(outbox.logger.lines)).toContain('554 refused')
    expect(JSON.stringify(outbox.logger.lines)).not.toMatch(new RegExp(`${token}|ada@example`))
  })

  it('is not held up by a mail that cannot be opened or written', async () => {
    await using outbox = await openOutbox()
    const row = { createdAt: outbox.clock.now(), sendAt: 0, attempts: 0 }
    await outbox.store.write(({ mails }) => mails.insert({ ...row, id: 'eml_broken', sealed: 'not sealed' }))
    const { mail } = createMailQueue({ sealer, clock: outbox.clock, logger: outbox.logger })
    // A notice of a later release.
    const unknown = { kind: 'OF_TOMORROW' } as unknown as { readonly kind: 'MFA_RESET' }
    await outbox.store.write((records) => mail(records, 'eve@example.com', unknown))
    await outbox.queue('ada@example.com')
    await using _sender = outbox.open()
    await eventually(() => outbox.sent.length === 1)
    await eventually(() => outbox.logger.lines.length === 2)
    expect(outbox.sent).toEqual(['ada@example.com'])
    expect(await outbox.count()).toBe(2)
  })

  it('goes on after the store could not be asked', async () => {
    await using outbox = await openOutbox()
    let failures = 1
    const failing: Store = {
      ...outbox.store,
      write: (work) => {
        if (failures === 0) return outbox.store.write(work)
        failures -= 1
        return Promise.reject(new Error('locked'))
      },
    }
    await outbox.queue('ada@example.com')
    await using _sender = outbox.open(undefined, { store: failing, pollMs: 10 })
    await eventually(() => outbox.sent.length === 1)
    expect(outbox.logger.lines.map(({ message }) => message)).toEqual([
      'Mails that wait could not be looked up; it is tried again.',
    ])
  })

  it('is closed within its grace, and leaves what was not sent to the next one', async () => {
    await using outbox = await openOutbox()
    const cut = Promise.withResolvers<void>()
    const started = Promise.withResolvers<void>()
    const sender = outbox.open(
      () => {
        started.resolve()
        return cut.promise
      },
      { graceMs: 10 },
    )
    sender.mailer[Symbol.asyncDispose] = async () => cut.reject(new Error('The mailer was closed.'))
    await outbox.queue('ada@example.com')
    await started.promise
    await sender[Symbol.asyncDispose]()
    expect(await outbox.count()).toBe(1)
    outbox.clock.advance(hour)
    await using _next = outbox.open()
    await eventually(() => outbox.sent.length === 1)
  })
})
