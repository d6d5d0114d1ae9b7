/** What an action took of this process, in µs. */
export interface CpuTime {
  /** Of the thread that called it alone. */
  readonly mainUs: number
  /** Of the process with all its threads. */
  readonly processUs: number
}

export async function cpuOf(action: () => Promise<unknown>): Promise<CpuTime> {
  const main = process.threadCpuUsage()
  const all = process.cpuUsage()
  await action()
  return { mainUs: sum(process.threadCpuUsage(main)), processUs: sum(process.cpuUsage(all)) }
}

function sum({ user, system }: NodeJS.CpuUsage): number {
  return user + system
}
