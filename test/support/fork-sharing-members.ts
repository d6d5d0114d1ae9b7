import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { localOpenCounts } from '../../src/adapters/local/local-open-counts.ts'
import { memoryRateLimiter } from '../../src/adapters/local/memory-rate-limiter.ts'
import { createBusRouter } from '../../src/cluster/bus/bus-router.ts'
import { createPeer, type PeerOptions } from '../../src/cluster/create-peer.ts'
import type { Peer } from '../../src/cluster/peer.ts'
import { processLink } from '../../src/cluster/process-link.ts'
import { createCountDesk } from '../../src/cluster/shared/count-desk.ts'
import { createLimitDesk } from '../../src/cluster/shared/limit-desk.ts'
import { createTurnDesk } from '../../src/cluster/shared/turn-desk.ts'
import { collectingLogger } from './collecting-logger.ts'

export interface MemberProcess {
  readonly process: ChildProcess
  /** What the member heard on the bus, and what its bus said of its state. */
  readonly heard: readonly unknown[]
  readonly changes: readonly unknown[]
  /** Has it do something; see the fixture. */
  ask(name: string, body: unknown): Promise<unknown>
}

export interface MemberProcesses extends AsyncDisposable {
  fork(options?: PeerOptions): MemberProcess
}

const fixture = new URL('../unit/cluster/fixtures/sharing-member.ts', import.meta.url)

/** A primary within this process, and members in processes of their own, which end with it. */
export function forkSharingMembers(): MemberProcesses {
  const router = createBusRouter(collectingLogger())
  const openLimiter = createLimitDesk((_name, limit) => memoryRateLimiter(limit))
  const desks = [router, openLimiter, createCountDesk(localOpenCounts()), createTurnDesk()]
  const children: ChildProcess[] = []

  return {
    fork(options = {}) {
      const child = fork(fixture)
      children.push(child)
      const peer: Peer = createPeer(processLink(child), options)
      for (const desk of desks) desk.join(peer)
      const [heard, changes]: [unknown[], unknown[]] = [[], []]
      peer.onNotice('test.heard', (message) => heard.push(message))
      peer.onNotice('test.changed', (isLive) => changes.push(isLive))
      const ask = (name: string, body: unknown) => peer.request(`test.${name}`, body, { deadlineMs: 10_000 })
      return { process: child, heard, changes, ask }
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
    },
  }
}
