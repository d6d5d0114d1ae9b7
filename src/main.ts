import { writeSync } from 'node:fs'
import { CliFailure, codeForPeople } from './cli/failure.ts'
import { isMember } from './cluster/read-order.ts'
import { readConfig } from './config.ts'
import { serveAlone } from './run/serve-alone.ts'
import { serveAsMember } from './run/serve-as-member.ts'
import { supervise, type SuperviseOptions } from './run/supervise.ts'

/**
 * Starts the server and resolves when it has stopped: by SIGINT or SIGTERM, or because its terminal was closed; the second time
 * it ends at once. With more than one process it is the one that supervises the others, each of which comes here again as a
 * member. Throws a `CliFailure` with a sentence for everything that a person can put right: settings, data folder, port, task
 * files, Redis.
 */
export async function start(environment: Readonly<Record<string, string | undefined>>): Promise<void> {
  try {
    if (isMember(environment)) return await serveAsMember(environment)
    const stop = onStopSignal()
    const onHangUp = hearHangUps()
    const config = readConfig(environment)
    if (config.processes > 1) await supervise(config, { stop, onHangUp })
    else await serveAlone(config, { stop, onHangUp })
  } catch (error) {
    const code = codeForPeople(error)
    throw code !== null && error instanceof Error ? new CliFailure(error.message, { code }) : error
  }
}

/** The numbers of the signals that stop a server: who is ended by one leaves with 128 more. */
const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const

function onStopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const listener = (signal: keyof typeof signals) => {
      if (asked) endBy(signal)
      asked = true
      if (signal !== 'SIGHUP') say('Stopping: running jobs may finish. Once more to stop at once.')
      resolve()
    }
    process.on('SIGINT', listener)
    process.on('SIGTERM', listener)
    if (process.stdin.isTTY) process.on('SIGHUP', listener)
    // Of a terminal that was closed nobody reads any more.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  })
}

/**
 * Ends this process as the signal would that nobody listens to, after what is done at exit: `process.exit` waits for threads that
 * are in native code. It is left to it where the kernel spares the process (the first of a container).
 */
function endBy(signal: keyof typeof signals): never {
  process.once('exit', () => {
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
  process.exit(128 + signals[signal])
}

/** Not by way of `console`, which keeps the process alive where nobody reads. */
function say(sentence: string): void {
  try {
    writeSync(process.stderr.fd, `${sentence}\n`)
  } catch {
    // Nobody reads, or nobody is there any more.
  }
}

/**
 * Hears of SIGHUP from now on: what the result is given is called for each, and at once where one came before. On a terminal
 * it says that this was closed, which stops the server instead.
 */
function hearHangUps(): SuperviseOptions['onHangUp'] {
  let hasCome = false
  let listener = () => {
    hasCome = true
  }
  if (!process.stdin.isTTY) process.on('SIGHUP', () => listener())
  return (given) => {
    listener = given
    if (hasCome) given()
  }
}
