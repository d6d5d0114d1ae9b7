// An event for 5,000 subscribers: all of them in one go, or in portions of 256 with a turn of the loop between them.
// Meanwhile somebody else asks something over a socket. Who gets the event first, and where does the answer come?
//   node examples/event-loop/portions.ts
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

const subscribers = 5_000
const portion = 256

/** About what it costs to hand a frame to a socket: 8 µs. */
function deliver(): void {
  const until = performance.now() + 0.008
  while (performance.now() < until);
}

/** To how many the event was handed when the answer to somebody else's question was written. */
async function deliveredBeforeAnswer(size: number): Promise<number> {
  let delivered = 0
  let atAnswer = 0
  const server = createServer((socket) => {
    socket.on('data', (data) => {
      if (data.toString() === 'go') setImmediate(handOut)
      else {
        atAnswer = delivered
        socket.end('answer')
      }
    })
  })
  function handOut(): void {
    // Asked while the first portion is handed out: nobody can read it before the loop has its turn.
    if (delivered === 0) second.write('question')
    for (let index = 0; index < size && delivered < subscribers; index += 1) {
      deliver()
      delivered += 1
    }
    if (delivered < subscribers) setImmediate(handOut)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has a port.')
  const [first, second] = [connect(address.port, '127.0.0.1'), connect(address.port, '127.0.0.1')]
  await Promise.all([once(first, 'connect'), once(second, 'connect')])
  first.write('go')
  await once(second.resume(), 'close')
  first.destroy()
  server.close()
  return atAnswer
}

for (const size of [subscribers, portion]) {
  const before = await deliveredBeforeAnswer(size)
  const isLast = before === subscribers
  console.log(
    `portions of ${size}: the question was answered ${isLast ? 'after all deliveries' : 'between deliveries'}`,
  )
}
