import type { SubmitOptions } from '../../services/jobs/submit-options.ts'

/** The input `JobOptions`. */
export type JobOptionsInput = { readonly [Name in keyof SubmitOptions]?: SubmitOptions[Name] | undefined }

const none: Required<SubmitOptions> = {
  idempotencyKey: null,
  priority: null,
  waitMs: null,
  delayMs: null,
  runAt: null,
  expiresAt: null,
  memo: null,
  tags: null,
}

export function readJobOptions(options: JobOptionsInput | null | undefined): SubmitOptions {
  const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined)
  return { ...none, ...Object.fromEntries(given) }
}
