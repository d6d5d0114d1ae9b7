/**
 * Every way in which Millrace refuses a caller, with the HTTP status a refusal answers with when it is the whole answer.
 * One table: the GraphQL enum `ErrorCode`, the HTTP doors, the CLI and `docs/errors.md` all read it.
 */
export const errorCodes = {
  UNAUTHENTICATED: { status: 401, meaning: 'Nobody is signed in, or the credential that was sent is not valid.' },
  SESSION_REVOKED: { status: 401, meaning: 'The session that the credential belongs to has ended.' },
  INSUFFICIENT_SCOPE: { status: 403, meaning: 'The credential lacks a scope that the field asks for.' },
  FORBIDDEN: { status: 403, meaning: 'You are signed in, but this is not for you.' },
  STEP_UP_REQUIRED: {
    status: 403,
    meaning: 'The factors must be shown again, not longer ago or more of them than they were (RFC 9470).',
  },
  MFA_ENROLMENT_REQUIRED: { status: 403, meaning: 'A second factor must be set up before this can be used.' },
  CSRF_REFUSED: { status: 403, meaning: 'The request came from a page of an origin that is not allowed.' },
  ORIGIN_REFUSED: { status: 403, meaning: 'A WebSocket was opened by a page whose origin is not allowed.' },
  NOT_FOUND: { status: 404, meaning: 'There is no such thing, or it is not yours.' },
  BAD_REQUEST: { status: 400, meaning: 'The request is not one that this door understands.' },
  GRAPHQL_PARSE_FAILED: { status: 400, meaning: 'The operation is not GraphQL; the message says where.' },
  GRAPHQL_VALIDATION_FAILED: { status: 400, meaning: 'The operation does not fit the schema; the message says why.' },
  METHOD_NOT_ALLOWED: { status: 405, meaning: 'This path or operation does not take that HTTP method.' },
  NOT_ACCEPTABLE: { status: 406, meaning: 'None of the media types in Accept is one that this door writes.' },
  REQUEST_TIMEOUT: { status: 408, meaning: 'The request did not arrive in time.' },
  PAYLOAD_TOO_LARGE: { status: 413, meaning: 'The body, the file or a field of the request is over its limit.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, meaning: 'The body has a content type that this door does not read.' },
  RANGE_NOT_SATISFIABLE: { status: 416, meaning: 'The byte range that was asked for is not within the artifact.' },
  INVALID_INPUT: { status: 400, meaning: 'An input does not have the form that the field describes.' },
  INVALID_CREDENTIALS: { status: 401, meaning: 'The email address and the password do not belong together.' },
  INVALID_CODE: { status: 401, meaning: 'The code or the passkey is not right, or was used already.' },
  INVALID_CHALLENGE: { status: 401, meaning: 'The challenge is unknown, used up, expired, or of another browser.' },
  INVALID_TOKEN: { status: 400, meaning: 'The token of a mail or of a hand-over is wrong, used up or expired.' },
  INVALID_REFRESH_TOKEN: { status: 401, meaning: 'The refresh token is wrong, used up or expired.' },
  INVALID_INVITE: { status: 403, meaning: 'The invite is wrong, used up or expired.' },
  EMAIL_NOT_VERIFIED: { status: 403, meaning: 'The email address of the account has not been confirmed yet.' },
  ALREADY_ENROLLED: { status: 409, meaning: 'The account has that factor already.' },
  NOT_ENROLLED: {
    status: 409,
    meaning: 'The account does not have that factor, or has none that it could show again.',
  },
  LAST_WAY_IN: { status: 409, meaning: 'Without it nobody could sign in to the account any more.' },
  LAST_ADMINISTRATOR: { status: 409, meaning: 'Without that account there would be no administrator.' },
  IDENTITY_TAKEN: { status: 409, meaning: 'That account of the provider is linked to another user.' },
  LINK_REQUIRED: {
    status: 409,
    meaning: 'There is an account with that email address: sign in to it and link the provider from there.',
  },
  UNKNOWN_PROVIDER: { status: 404, meaning: 'No identity provider of that name is set up.' },
  PROVIDER_FAILED: { status: 502, meaning: 'The identity provider did not confirm the sign-in.' },
  SIGN_UP_CLOSED: { status: 403, meaning: 'Accounts cannot be made here without a set-up token or an invite.' },
  INVALID_SETUP_TOKEN: { status: 403, meaning: 'The set-up token is wrong or has been used.' },
  EMAIL_TAKEN: { status: 409, meaning: 'An account with that email address exists.' },
  RATE_LIMITED: { status: 429, meaning: 'Too much in a time, attempts or otherwise; try again after the given time.' },
  TOO_MANY_CREDENTIAL_FIELDS: { status: 400, meaning: 'An operation may hold one credential-checking field only.' },
  OPERATION_TOO_COSTLY: { status: 400, meaning: 'The operation has too many tokens, aliases, levels or fields.' },
  IDEMPOTENCY_CONFLICT: { status: 409, meaning: 'The idempotency key was used with another input.' },
  QUOTA_EXCEEDED: { status: 429, meaning: 'You have as many unfinished jobs, or as much in files, as is allowed.' },
  TOO_MANY_OPERATIONS: { status: 429, meaning: 'The connection has as many operations open as are allowed.' },
  TOO_MANY_STREAMS: { status: 429, meaning: 'You, or your network, have as many streams open as are allowed.' },
  JOB_NOT_FINISHED: { status: 409, meaning: 'The job has not ended yet: it can be done again only after that.' },
  UNKNOWN_TASK: { status: 404, meaning: 'No task of that name is loaded.' },
  CURSOR_INVALID: { status: 400, meaning: 'The cursor is malformed.' },
  CURSOR_EXPIRED: { status: 410, meaning: 'The events after the cursor are no longer kept.' },
  CURSOR_EPOCH: {
    status: 410,
    meaning: 'The cursor is of another log: of another topic, or of this one before it was started anew.',
  },
  CURSOR_AHEAD: { status: 410, meaning: 'The cursor points beyond the end of the log.' },
  OVERLOADED: { status: 503, meaning: 'The server cannot take more work now; try again after the given time.' },
  OPERATION_TIMEOUT: {
    status: 504,
    meaning:
      'The operation took longer than is allowed and was given up; a mutation may have taken effect all the same.',
  },
  SNAPSHOT_REFUSED: {
    status: 409,
    meaning: 'No heap snapshot can be taken now; the message says why.',
  },
  MAINTENANCE: {
    status: 503,
    meaning: 'The server is being maintained: only administrators can change anything. Reading goes on.',
  },
  INTERNAL: { status: 500, meaning: 'Something failed on our side; the log has it under the request id.' },
} as const satisfies Record<string, { status: number; meaning: string }>

export type ErrorCode = keyof typeof errorCodes

/**
 * A refusal that may be told to the caller: its message is a full sentence without inner detail.
 * Anything thrown that is not a `Refusal` is our own failure, and is masked at the door.
 */
export class Refusal extends Error {
  readonly code: ErrorCode
  /** Further facts for the caller, each of which may be sent over the wire as it is. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.details = details
  }

  /** The HTTP status of this refusal when it is the whole answer. */
  get status(): number {
    return errorCodes[this.code].status
  }
}

/** What is asked for does not exist, or belongs to someone else, which is the same to the caller. */
export class NotFoundError extends Refusal {
  constructor(what: string) {
    super('NOT_FOUND', `There is no such ${what}.`)
    this.name = 'NotFoundError'
  }
}

/** One thing that is wrong with an input: where (a path into it) and what, in a full sentence. */
export interface InputIssue {
  readonly path: readonly string[]
  readonly message: string
}

/** An input that does not have the described form; `issues` lists everything wrong with it at once. */
export class InvalidInputError extends Refusal {
  readonly issues: readonly InputIssue[]

  constructor(issues: readonly InputIssue[]) {
    super('INVALID_INPUT', describeIssues(issues), { issues })
    this.name = 'InvalidInputError'
    this.issues = issues
  }
}

/** Too many attempts: the caller may try again after `retryAfterSeconds`. */
export class RateLimitedError extends Refusal {
  readonly retryAfterSeconds: number

  constructor(message: string, retryAfterSeconds: number) {
    super('RATE_LIMITED', message, { retryAfterSeconds })
    this.name = 'RateLimitedError'
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** The idempotency key names a job with another input: the caller decides which of the two was meant. */
export class IdempotencyConflictError extends Refusal {
  readonly jobId: string

  constructor(jobId: string) {
    super('IDEMPOTENCY_CONFLICT', 'The idempotency key was already used with another input.', { jobId })
    this.name = 'IdempotencyConflictError'
    this.jobId = jobId
  }
}

/** A limit of the owner is reached; `limit` says which and how much it allows. */
export class QuotaExceededError extends Refusal {
  readonly quota: string
  readonly limit: number

  constructor(quota: string, limit: number, message: string) {
    super('QUOTA_EXCEEDED', message, { quota, limit })
    this.name = 'QuotaExceededError'
    this.quota = quota
    this.limit = limit
  }
}

function describeIssues(issues: readonly InputIssue[]): string {
  const [first] = issues
  if (first === undefined) return 'The input is not valid.'
  const where = first.path.length === 0 ? '' : `${first.path.join('.')}: `
  const more = issues.length === 1 ? '' : ` (and ${issues.length - 1} more)`
  return `The input is not valid. ${where}${first.message}${more}`
}
