import { constants } from 'node:os'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A signal that is aborted, with the name of what came, by Ctrl-C or by a request to end. Call once per process. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of signals) process.on(name, () => controller.abort(name))
  return controller.signal
}

/** The exit code of a command that ended for that reason, as a shell gives it. */
export function interruptExitCode(signal: AbortSignal): number {
  const name = signals.find((candidate) => candidate === signal.reason) ?? 'SIGINT'
  return 128 + constants.signals[name]
}
