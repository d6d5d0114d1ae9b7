import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import type { Clock } from '../../core/clock.ts'
import { newId } from '../../core/ids.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Mail, Mailer } from '../../ports/mailer.ts'
import { shutIn, toMessage } from './message.ts'

export interface OutboxMailerOptions {
  /** Made when it is not there; the folder above it must be. */
  readonly folder: string
  readonly from: () => string
  readonly clock: Clock
  readonly logger: Logger
  /** How many mails are kept; the oldest go. */
  readonly maxFiles?: number
}

/**
 * Puts mails into a folder, for who has no server: each a file that mail programs open, which its owner alone can read. The
 * log says where; what the mail says is only in the file, as a link in it may work.
 */
export function outboxMailer({ folder, from, clock, logger, maxFiles = 1000 }: OutboxMailerOptions): Mailer {
  const transport = createTransport({ ...shutIn, streamTransport: true, buffer: true, newline: 'windows' })

  async function write(mail: Mail): Promise<string> {
    const { message } = await transport.sendMail(toMessage(mail, from()))
    const time = new Date(clock.now()).toISOString().replaceAll(':', '-')
    const file = join(folder, `${time}-${newId('mail')}.eml`)
    // Who reads the folder sees whole mails only.
    await writeFile(`${file}.part`, message, { mode: 0o600, flag: 'wx' })
    await rename(`${file}.part`, file)
    return file
  }

  async function removeOldest(): Promise<void> {
    // What a process that died did not finish is among them.
    const names = (await readdir(folder)).filter((name) => /\.eml(\.part)?$/.test(name)).toSorted()
    for (const name of names.slice(0, Math.max(0, names.length - maxFiles)))
      await rm(join(folder, name), { force: true })
  }

  return {
    async send(mail) {
      await mkdir(folder, { mode: 0o700 }).catch(unlessThere)
      const file = await write(mail)
      await removeOldest()
      logger.info({ to: mail.to, subject: mail.subject, file }, 'A mail was put into the outbox folder.')
    },
    async [Symbol.asyncDispose]() {
      transport.close()
    },
  }
}

function unlessThere(error: unknown): void {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return
  throw error
}
