import { describe, expect, it } from 'vitest'
import { createSilentPeers, type SilentPeers } from '../../../src/adapters/redis/silent-peers.ts'

const beats = (peers: SilentPeers, count: number) => Array.from({ length: count }, () => peers.beat())

describe('the others on the bus', () => {
  it('count as silent when they were not heard for three pulses, and as dead after sixty', () => {
    const peers = createSilentPeers()
    expect(beats(peers, 5)).toEqual([false, false, false, false, false])
    peers.heard('one')
    expect(beats(peers, 5)).toEqual([false, false, false, true, true])
    peers.heard('one')
    expect(beats(peers, 3)).toEqual([false, false, false])
    expect(beats(peers, 100).filter(Boolean)).toHaveLength(58)
  })

  it('are not waited for when they have said that they go', () => {
    const peers = createSilentPeers()
    peers.heard('one')
    peers.heard('two')
    peers.left('one')
    expect(beats(peers, 4)).toEqual([false, false, false, true])
    peers.left('two')
    peers.left('never seen')
    expect(beats(peers, 1)).toEqual([false])
  })

  it('have time again after nobody could be heard', () => {
    const peers = createSilentPeers()
    peers.heard('one')
    beats(peers, 10)
    peers.forgive()
    expect(beats(peers, 4)).toEqual([false, false, false, true])
  })

  it('are a bounded number', () => {
    const peers = createSilentPeers()
    for (let n = 0; n < 1024; n += 1) peers.heard(`${n}`)
    beats(peers, 4)
    peers.heard('one more')
    for (let n = 0; n < 1024; n += 1) peers.left(`${n}`)
    expect(beats(peers, 10)).not.toContain(true)
  })
})
