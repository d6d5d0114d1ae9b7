/** The naive double recursion, as in the task of that name. */
export function computeFibonacci(n: number): number {
  return n < 2 ? n : computeFibonacci(n - 1) + computeFibonacci(n - 2)
}
