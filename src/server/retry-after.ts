/** The value of the header `Retry-After`: whole seconds, at least one, so that nobody is told to come back at once. */
export function retryAfterValue(seconds: number): string {
  return String(Math.max(1, Math.ceil(seconds)))
}
