/** The description of a mutation that checks a credential: each of those says so in the same words. */
export function checksCredential(description: string): string {
  return `${description} It checks a credential: an operation may hold one such field only.`
}
