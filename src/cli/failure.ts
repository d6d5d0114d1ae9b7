import { printableLines } from './printable.ts'

/** Something that the person at the terminal is told in one sentence, without a stack. */
export class CliFailure extends Error {
  readonly code: string | null
  /** The exit status: 1 the command failed, 2 it was not called rightly, 130 it was interrupted. */
  readonly exitCode: number

  constructor(message: string, options: { readonly code?: string | null; readonly exitCode?: number } = {}) {
    super(message)
    this.name = 'CliFailure'
    this.code = options.code ?? null
    this.exitCode = options.exitCode ?? 1
  }
}

/** The code of a start-up error that is meant for people; `null` for the rest, which is a fault of ours and keeps its stack. */
export function codeForPeople(error: unknown): string | null {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return null
  return /^[A-Z]+(_[A-Z]+)+$/.test(error.code) && !error.code.startsWith('ERR_') ? error.code : null
}

/** Tells of an error at the end of a command: a sentence for what is expected, the stack for a fault of ours. Gives the exit status. */
export function reportFailure(error: unknown, json: boolean): number {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
  if (json) {
    console.log(JSON.stringify({ error: { code, message } }))
  } else {
    const isOurs = code === null && !(error instanceof CliFailure) && error instanceof Error
    const text = printableLines(isOurs ? (error.stack ?? message) : message)
    console.error(`error: ${text}${code === null ? '' : ` (${code})`}`)
  }
  return error instanceof CliFailure ? error.exitCode : 1
}
