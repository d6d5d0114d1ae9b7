import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { CliFailure } from './failure.ts'

/** Asks at the terminal. Throws a `CliFailure` where there is none. */
export async function askVisible(question: string): Promise<string> {
  return ask(question, false)
}

/** Asks at the terminal without showing what is typed. Throws a `CliFailure` where there is none. */
export async function askHidden(question: string): Promise<string> {
  return ask(question, true)
}

async function ask(question: string, hidden: boolean): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new CliFailure(
      'There is no terminal to ask at. Give --email (or MILLRACE_EMAIL) and MILLRACE_PASSWORD, or MILLRACE_TOKEN.',
      { exitCode: 2 },
    )
  }
  let muted = false
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!muted) process.stderr.write(chunk)
      done()
    },
  })
  const terminal = createInterface({ input: process.stdin, output, terminal: true })
  terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    const answer = terminal.question(question)
    muted = hidden
    return await answer
  } finally {
    terminal.close()
    if (hidden) process.stderr.write('\n')
  }
}
