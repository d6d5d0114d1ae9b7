import { execFileSync } from 'node:child_process'

/** Files and sockets that a process of the benchmark has open besides those to its clients. */
const besides = 100

/** Ends the process with a sentence unless a process may have that many connections open. */
export function assertOpenFiles(clients: number): void {
  // Node has raised the soft limit to the hard one for itself and what it starts.
  const limit = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim()
  if (limit === 'unlimited' || Number(limit) >= clients + besides) return
  console.error(
    `A process may have ${limit} files open here, and ${clients} clients need ${clients + besides}: ` +
      'raise the limit with `ulimit -n`, or give a smaller number with --clients.',
  )
  process.exit(2)
}
