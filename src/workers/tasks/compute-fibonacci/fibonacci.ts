/** Subtrees below this take well under a millisecond each: small enough to look up between them, big enough not to notice. */
const leaf = 20

/** How many calls the naive recursion for F(n) makes: 2 F(n + 1) − 1. */
export function callsFor(n: number): number {
  let [a, b] = [0, 1]
  for (let i = 0; i < n + 1; i += 1) [a, b] = [b, a + b]
  return 2 * a - 1
}

/**
 * F(n) by the naive double recursion, which is the point of it: work that cannot be shortened. `onCalls` hears of every
 * stretch of calls that has been made, and may throw to end it.
 */
export function fibonacci(n: number, onCalls: (calls: number) => void): number {
  if (n <= leaf) {
    const value = recurse(n)
    onCalls(callsFor(n))
    return value
  }
  const value = fibonacci(n - 1, onCalls) + fibonacci(n - 2, onCalls)
  onCalls(1)
  return value
}

function recurse(n: number): number {
  return n < 2 ? n : recurse(n - 1) + recurse(n - 2)
}
