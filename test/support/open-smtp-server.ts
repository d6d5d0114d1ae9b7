import { once } from 'node:events'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** A mail as the server got it. */
export interface ReceivedMail {
  readonly parsed: ParsedMail
  /** The message as it came. */
  readonly source: string
  readonly recipients: readonly string[]
  /** Whether the connection was encrypted. */
  readonly secure: boolean
  /** Who it was sent by; `null`: by nobody who proved it. */
  readonly user: string | null
}

export interface TestSmtpServer extends AsyncDisposable {
  readonly port: number
  readonly mails: readonly ReceivedMail[]
  /** The passwords that were shown. */
  readonly passwords: readonly string[]
}

export interface TestSmtpOptions extends Pick<SMTPServerOptions, 'secure' | 'key' | 'cert' | 'disabledCommands'> {
  /** The password of the user `millrace`; without it nobody has to prove anything. */
  readonly password?: string
  /** What it says to a recipient instead of taking the mail: a reply code and a sentence. */
  readonly refuse?: (recipient: string) => { readonly code: number; readonly message: string } | null
}

/** A real mail server on a free port of this machine. */
export async function openSmtpServer({
  password,
  refuse = () => null,
  ...options
}: TestSmtpOptions = {}): Promise<TestSmtpServer> {
  const mails: ReceivedMail[] = []
  const passwords: string[] = []
  const server = new SMTPServer({
    logger: false,
    authOptional: password === undefined,
    allowInsecureAuth: true,
    closeTimeout: 100,
    ...options,
    onAuth(auth, _session, done) {
      passwords.push(auth.password ?? '')
      const isRight = auth.username === 'millrace' && auth.password === password
      if (isRight) done(null, { user: auth.username })
      else done(new Error('Wrong password'))
    },
    onRcptTo({ address }, _session, done) {
      const refusal = refuse(address)
      done(refusal === null ? null : Object.assign(new Error(refusal.message), { responseCode: refusal.code }))
    },
    onData(stream, session, done) {
      const { envelope, secure, user } = session
      const recipients = envelope.rcptTo.map(({ address }) => address)
      void keep().finally(done)

      async function keep(): Promise<void> {
        const source = await readAll(stream)
        const parsed = await simpleParser(source)
        mails.push({ parsed, source, recipients, secure, user: typeof user === 'string' ? user : null })
      }
    },
  })
  // A client that breaks off is not the server's failure.
  server.on('error', () => undefined)
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const address = listening.address()
  if (address === null || typeof address === 'string') throw new Error('The mail server has no port.')
  return {
    port: address.port,
    mails,
    passwords,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

async function readAll(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
