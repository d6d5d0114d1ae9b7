import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import type { FanoutSystem } from './system.ts'

/** What a system has used of the processor so far, and its `executions()`. */
export interface Usage {
  readonly cpuUs: number
  readonly executions: number
}

/**
 * Lets a process with clients have a system publish, over a connection of their own: what passes through the process that
 * began both would come late.
 */
export async function openControl(system: FanoutSystem): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    const tellUsage = (cpuUs: number) => {
      const usage: Usage = { cpuUs, executions: system.executions?.() ?? 0 }
      socket.write(`${JSON.stringify(usage)}\n`)
    }
    createInterface({ input: socket }).on('line', (line) => {
      const [count = '', size] = line.split(' ')
      if (size !== undefined) return system.publish(Number(count), Number(size))
      const { user, system: kernel } = process.cpuUsage()
      if (system.cpuUs === undefined) return tellUsage(user + kernel)
      // Who asked waits for a line, and is told so when there is none.
      system.cpuUs().then(tellUsage, () => socket.destroy())
    })
  })
  server.listen(0, '127.0.0.1').unref()
  await once(server, 'listening')
  return (server.address() as AddressInfo).port // as a TCP server has it once it listens
}

/** The other end of it. */
export interface Control extends Disposable {
  publish(count: number, size: number): void
  usage(): Promise<Usage>
}

export async function connectControl(port: number): Promise<Control> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  const reader = createInterface({ input: socket })
  return {
    publish: (count, size) => void socket.write(`${count} ${size}\n`),
    async usage() {
      const answer = once(reader, 'line')
      socket.write('usage\n')
      const lines: readonly unknown[] = await answer
      return JSON.parse(String(lines[0])) as Usage // what `openControl` writes
    },
    [Symbol.dispose]: () => void socket.destroy(),
  }
}
