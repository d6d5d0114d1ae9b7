import { type LoadProcess, openLoadProcess, openServerProcess, type ServerProcess } from './processes.ts'
import type { VariantName } from './variants.ts'

/** A system with its clients. */
export interface Bench extends AsyncDisposable {
  readonly name: VariantName
  readonly server: ServerProcess
  readonly load: LoadProcess
}

/** Starts both processes; nobody is connected yet. */
export async function openBench(name: VariantName, stopped: AbortSignal): Promise<Bench> {
  await using opened = new AsyncDisposableStack()
  const server = opened.use(await openServerProcess(name))
  const load = opened.use(openLoadProcess(name, stopped))
  const resources = opened.move()
  return { name, server, load, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

/** Starts them and has so many clients listen. */
export async function openBenchWith(name: VariantName, clients: number, stopped: AbortSignal): Promise<Bench> {
  const bench = await openBench(name, stopped)
  try {
    await bench.load.ask({ kind: 'connect', server: bench.server.facts, clients })
    return bench
  } catch (error) {
    await bench[Symbol.asyncDispose]()
    throw error
  }
}

/** Tells what is being done now, for who waits: on the terminal only, since it is no figure. */
export function tell(sentence: string): void {
  console.error(`… ${sentence}`)
}
