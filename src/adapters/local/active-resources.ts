/** How many things of each type keep the process alive, as Node names them. Threads are not among them. */
export function activeResources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const type of process.getActiveResourcesInfo()) counts[type] = (counts[type] ?? 0) + 1
  return counts
}
