import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { type ParsedMail, simpleParser } from 'mailparser'
import { describe, expect, it } from 'vitest'
import { outboxMailer, type OutboxMailerOptions } from '../../src/adapters/mail/outbox-mailer.ts'
import { smtpMailer } from '../../src/adapters/mail/smtp-mailer.ts'
import type { Mail, Mailer } from '../../src/ports/mailer.ts'
import { collectingLogger } from '../support/collecting-logger.ts'
import { eventually } from '../support/eventually.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { openSmtpServer, type TestSmtpServer } from '../support/open-smtp-server.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { selfSigned } from '../support/self-signed.ts'

const from = () => 'Millrace <millrace@example.com>'

const mail: Mail = {
  to: 'ada@example.com',
  subject: 'Grüße – „Ada“ & <b>',
  text: `.\n..\nFrom here: https://app.example.com/#/reset-password?token=ott_1.secret\n${'long '.repeat(400)}\nÄ\u{1F600}\n`,
  html: '<!doctype html><p>Ä &amp; <img src="file:///etc/passwd"> <img src="http://127.0.0.1:9/"> \u{1F600}</p>',
}

interface Opened extends AsyncDisposable {
  readonly mailer: Mailer
  arrived(): Promise<readonly ParsedMail[]>
}

async function throughServer(): Promise<Opened> {
  const server = await openSmtpServer()
  const mailer = smtpMailer({ url: `smtp://127.0.0.1:${server.port}`, from })
  return {
    mailer,
    arrived: async () => server.mails.map(({ parsed }) => parsed),
    async [Symbol.asyncDispose]() {
      await mailer[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

async function throughFolder(): Promise<Opened> {
  const { mailer, sources, ...outbox } = await openOutbox()
  return {
    mailer,
    arrived: async () => Promise.all((await sources()).map((source) => simpleParser(source))),
    [Symbol.asyncDispose]: outbox[Symbol.asyncDispose],
  }
}

async function openOutbox(options: Partial<OutboxMailerOptions> = {}) {
  const home = await makeTestFolder()
  const folder = join(home.path, 'outbox')
  const [clock, logger] = [fakeClock(), collectingLogger()]
  const mailer = outboxMailer({ folder, from, clock, logger, ...options })
  const names = async () => (await readdir(folder)).toSorted()
  return {
    folder,
    clock,
    logger,
    mailer,
    names,
    sources: async () => Promise.all((await names()).map((name) => readFile(join(folder, name), 'utf8'))),
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  }
}

/** The addresses of a header. */
function addressesOf(header: ParsedMail['to']): readonly string[] {
  return [header ?? []].flat().flatMap(({ value }) => value.map(({ address = '' }) => address))
}

describe.each([
  ['an SMTP server', throughServer],
  ['an outbox folder', throughFolder],
])('a mail by %s', (_name, open) => {
  it('arrives in both forms as it was written', async () => {
    await using opened = await open()
    await opened.mailer.send(mail)
    const [got, ...others] = await opened.arrived()
    expect(others).toEqual([])
    expect(got?.text).toBe(mail.text)
    expect(typeof got?.html === 'string' ? got.html.trim() : got?.html).toBe(mail.html)
    expect(got?.subject).toBe(mail.subject)
    expect(addressesOf(got?.to)).toEqual([mail.to])
    expect(addressesOf(got?.from)).toEqual(['millrace@example.com'])
    expect(got?.headers.get('auto-submitted')).toBe('auto-generated')
    expect(got?.attachments).toEqual([])
  })

  it('has no header and no recipient that a value brought in', async () => {
    await using opened = await open()
    await opened.mailer.send({ ...mail, subject: 'Hello\r\nBcc: eve@example.com\r\n\r\nSmuggled' })
    const [got] = await opened.arrived()
    expect(got?.subject).toBe('Hello Bcc: eve@example.com  Smuggled')
    expect(got?.bcc).toBeUndefined()
    expect(got?.text).toBe(mail.text)
  })

  it.each([
    'ada@example.com, eve@example.com',
    'ada,eve@example.com',
    'Ada <eve@example.com>',
    'a<eve@example.com',
    'ada@example.com>',
    'ada@example.com\r\nBcc: eve@example.com',
    '"ada"@example.com',
    'ada(eve)@example.com',
    'group:eve@example.com',
    'ada;eve@example.com',
    'ada@[127.0.0.1]',
    'ada\\@example.com',
    'ada',
    '',
  ])('is not sent to %j', async (to) => {
    await using opened = await open()
    await expect(opened.mailer.send({ ...mail, to })).rejects.toThrow('The address cannot be written into a mail.')
    expect(await opened.arrived().catch(() => [])).toEqual([])
  })
})

describe('an SMTP server', () => {
  const password = 'p@ss:w/rd%?#'
  const login = `millrace:${encodeURIComponent(password)}`
  const own = selfSigned()

  async function sendTo(server: TestSmtpServer, url: string, ca: string | undefined = own.cert): Promise<void> {
    await using mailer = smtpMailer({ url: url.replace('PORT', String(server.port)), from, ca, timeoutMs: 5000 })
    await mailer.send(mail)
  }

  it('is shown the password of the URL', async () => {
    await using server = await openSmtpServer({ password })
    await sendTo(server, `smtp://${login}@localhost:PORT`)
    expect(server.mails.map(({ user, secure }) => ({ user, secure }))).toEqual([{ user: 'millrace', secure: false }])
    expect(server.passwords).toEqual([password])
  })

  it('is told everything under TLS where the URL says so', async () => {
    await using later = await openSmtpServer({ ...own, password })
    await sendTo(later, `smtp://${login}@localhost:PORT?starttls=on`)
    expect(later.mails.map(({ secure }) => secure)).toEqual([true])
    await using atOnce = await openSmtpServer({ ...own, password, secure: true })
    await sendTo(atOnce, `smtps://${login}@127.0.0.1:PORT`)
    expect(atOnce.mails.map(({ secure, recipients }) => ({ secure, recipients }))).toEqual([
      { secure: true, recipients: [mail.to] },
    ])
  })

  it('gets neither password nor mail when it has no TLS, or a certificate that is not trusted', async () => {
    await using bare = await openSmtpServer({ password, disabledCommands: ['STARTTLS'] })
    await expect(sendTo(bare, `smtp://${login}@localhost:PORT?starttls=on`)).rejects.toThrow('STARTTLS')
    await using later = await openSmtpServer({ ...own, password })
    const other = selfSigned().cert
    await expect(sendTo(later, `smtp://${login}@localhost:PORT?starttls=on`, other)).rejects.toThrow('self-signed')
    await using atOnce = await openSmtpServer({ ...own, password, secure: true })
    await expect(sendTo(atOnce, `smtps://${login}@localhost:PORT`, other)).rejects.toThrow('self-signed')
    for (const { passwords, mails } of [bare, later, atOnce]) expect([...passwords, ...mails]).toEqual([])
  })

  it('that refuses is told of without the password', async () => {
    await using server = await openSmtpServer({ password })
    const wrong = sendTo(server, 'smtp://millrace:guessed-wrong@localhost:PORT')
    await expect(wrong).rejects.toThrow(/^Invalid login: 535/)
    await expect(wrong).rejects.not.toThrow('guessed-wrong')
    const refuse = () => ({ code: 451, message: 'Come back later' })
    await using busy = await openSmtpServer({ refuse })
    await expect(sendTo(busy, 'smtp://localhost:PORT')).rejects.toThrow('451 Come back later')
    await using gone = await openSmtpServer()
    await gone[Symbol.asyncDispose]()
    await expect(sendTo(gone, 'smtp://localhost:PORT')).rejects.toThrow('ECONNREFUSED')
  })

  it('that never comes to an end is given up, and let go of at once when the mailer is closed', async () => {
    await using server = await openSlowServer()
    await using hasty = smtpMailer({ url: server.url, from, timeoutMs: 200 })
    await expect(hasty.send(mail)).rejects.toThrow('aborted due to timeout')
    const patient = smtpMailer({ url: server.url, from })
    const sending = patient.send(mail)
    await server.connected(2)
    const [outcome] = await Promise.allSettled([sending, patient[Symbol.asyncDispose]()])
    expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'The mailer was closed.' } })
    await expect(patient.send(mail)).rejects.toThrow('The mailer was closed.')
  })
})

/** A server whose greeting has another line every 10 ms. */
async function openSlowServer() {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    const speaking = setInterval(() => socket.write('220-Wait\r\n'), 10)
    socket.on('close', () => clearInterval(speaking)).on('error', () => socket.destroy())
    sockets.push(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return {
    url: `smtp://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    connected: (count: number) => eventually(() => sockets.length >= count),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

describe('an outbox folder', () => {
  it('can be read by its owner only, and is sorted by time', async () => {
    await using outbox = await openOutbox()
    await outbox.mailer.send({ ...mail, to: 'first@example.com' })
    outbox.clock.advance(1)
    await outbox.mailer.send({ ...mail, to: 'second@example.com' })
    const names = await outbox.names()
    expect(names[0]).toMatch(/^2030-01-01T00-00-00\.000Z-eml_[0-9a-z]{26}\.eml$/)
    expect((await outbox.sources()).map((source) => /^To: (.*)\r$/m.exec(source)?.[1])).toEqual([
      'first@example.com',
      'second@example.com',
    ])
    expect((await stat(outbox.folder)).mode & 0o777).toBe(0o700)
    expect((await stat(join(outbox.folder, names[0] ?? ''))).mode & 0o777).toBe(0o600)
  })

  it('is told of in the log without what the mail says', async () => {
    await using outbox = await openOutbox()
    await outbox.mailer.send(mail)
    const [name = ''] = await outbox.names()
    expect(outbox.logger.lines).toEqual([
      {
        level: 'info',
        fields: { to: mail.to, subject: mail.subject, file: join(outbox.folder, name) },
        message: 'A mail was put into the outbox folder.',
      },
    ])
  })

  it('keeps the newest mails only, and nothing unfinished for ever', async () => {
    await using outbox = await openOutbox({ maxFiles: 3 })
    await mkdir(outbox.folder)
    await writeFile(join(outbox.folder, '2029-01-01T00-00-00.000Z-eml_x.eml.part'), 'cut off')
    await writeFile(join(outbox.folder, 'notes.txt'), 'of somebody')
    for (let n = 0; n < 5; n += 1) {
      outbox.clock.advance(1000)
      await outbox.mailer.send(mail)
    }
    const seconds = (await outbox.names()).map((name) => name.slice(17, 19))
    expect(seconds).toEqual(['03', '04', '05', ''])
  })

  it('takes many mails at once', async () => {
    await using outbox = await openOutbox({ maxFiles: 20 })
    await Promise.all(Array.from({ length: 30 }, () => outbox.mailer.send(mail)))
    expect(await outbox.names()).toHaveLength(20)
  })

  it('rejects when the folder cannot be written', async () => {
    await using outbox = await openOutbox()
    await writeFile(outbox.folder, 'a file in its place')
    await expect(outbox.mailer.send(mail)).rejects.toThrow('ENOTDIR')
    expect(outbox.logger.lines).toEqual([])
  })
})
