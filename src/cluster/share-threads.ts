/** How many of all threads the member of that number (from 1) has: its share, at least one; the first ones have what is over. */
export function shareThreads(threads: number, members: number, number: number): number {
  const isOver = number <= threads % members
  return Math.max(1, Math.floor(threads / members) + (isOver ? 1 : 0))
}
