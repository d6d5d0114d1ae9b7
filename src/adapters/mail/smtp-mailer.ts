import { createTransport, type SMTPTransportOptions } from 'nodemailer'
import type { Mailer } from '../../ports/mailer.ts'
import { shutIn, toMessage } from './message.ts'

export interface SmtpMailerOptions {
  /**
   * `smtps://user:password@host:465` speaks TLS from the start, `smtp://…:587` turns to it by STARTTLS before anything is
   * said; `?starttls=off` says everything in the clear. With a server on this machine that is the default.
   */
  readonly url: string
  /** Who the mails are from: an address, or a name and an address in angle brackets. */
  readonly from: () => string
  /** Certificates to trust instead of those that Node does, PEM. */
  readonly ca?: string
  /** When to give up, in ms. */
  readonly timeoutMs?: number
}

/** Hands mails to an SMTP server, over a connection for each. */
export function smtpMailer({ url, from, ca, timeoutMs = 30_000 }: SmtpMailerOptions): Mailer {
  const transport = createTransport({
    ...connectionOf(new URL(url)),
    ...shutIn,
    ...(ca === undefined ? {} : { tls: { ca } }),
  })
  const closing = new AbortController()

  return {
    async send(mail) {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)])
      try {
        await transport.sendMail({ ...toMessage(mail, from()), signal })
      } catch (error) {
        throw signal.aborted ? signal.reason : error
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Error('The mailer was closed.'))
      transport.close()
    },
  }
}

/** Read here and not by the library, to which a URL may say anything, even to write everything to the log. */
function connectionOf(url: URL): SMTPTransportOptions {
  const secure = url.protocol === 'smtps:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const starttls = url.searchParams.get('starttls') ?? (isThisMachine(host) ? 'off' : 'on')
  return {
    host,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    secure,
    ...(secure ? {} : { requireTLS: starttls !== 'off', ignoreTLS: starttls === 'off' }),
    ...(url.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
  }
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
