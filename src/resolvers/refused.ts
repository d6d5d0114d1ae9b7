import type { ErrorCode, Refusal } from '../core/errors.ts'

/**
 * A refusal as a value that a resolver can return: what it tells the caller, without being an `Error`. GraphQL takes a
 * returned error for a thrown one, and a union member would end up in `errors`.
 */
export class Refused implements Pick<Refusal, 'code' | 'message' | 'details'> {
  readonly code: ErrorCode
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>

  constructor({ code, message, details }: Refusal) {
    this.code = code
    this.message = message
    this.details = details
  }
}
