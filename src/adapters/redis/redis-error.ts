/** A Redis that cannot be used: a start-up error. The message says what to do, and repeats no secret. */
export class RedisError extends Error {
  readonly code = 'REDIS_UNUSABLE'

  constructor(message: string) {
    super(message)
    this.name = 'RedisError'
  }
}
