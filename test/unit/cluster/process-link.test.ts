import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { processLink } from '../../../src/cluster/process-link.ts'

class FakeProcess extends EventEmitter {
  readonly waiting: { message: unknown; sent: (error: Error | null) => void }[] = []
  send(message: unknown, sent: (error: Error | null) => void): boolean {
    this.waiting.push({ message, sent })
    return true
  }
}

describe('a line over the IPC channel of a process', () => {
  it('says when a message is on its way, or lost with the channel, once', () => {
    const process = new FakeProcess()
    const link = processLink(process)
    const settled: string[] = []
    link.send('a', () => settled.push('a'))
    link.send('b', () => settled.push('b'))
    process.waiting[0]?.sent(null)
    expect(settled).toEqual(['a'])
    process.emit('disconnect')
    process.waiting[1]?.sent(new Error('closed'))
    expect(settled).toEqual(['a', 'b'])
  })

  it('hears messages and the end', () => {
    const process = new FakeProcess()
    const link = processLink(process)
    const heard: unknown[] = []
    link.onMessage((message) => heard.push(message))
    link.onClose(() => heard.push('closed'))
    process.emit('message', { a: 1 }, undefined)
    process.emit('disconnect')
    process.emit('disconnect')
    expect(heard).toEqual([{ a: 1 }, 'closed'])
  })

  it('never throws, whatever it is to send', () => {
    const process = new FakeProcess()
    process.send = () => {
      throw new TypeError('A BigInt is no JSON.')
    }
    let isSettled = false
    processLink(process).send(1n, () => (isSettled = true))
    expect(isSettled).toBe(true)
  })

  it('is refused where there is no channel', () => {
    expect(() => processLink(Object.assign(new EventEmitter(), { send: undefined }) as never)).toThrow(TypeError)
  })
})
