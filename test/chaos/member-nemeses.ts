import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../support/eventually.ts'
import { freeze, thaw } from './chaos-mill.ts'
import { leaseMs, type Nemesis, type Target } from './nemesis.ts'
import { isGone, type Member, send } from './processes.ts'
import { nodesAtWork } from './read-record.ts'

/** Within so many ms the jobs of a member go on with its neighbours, on however slow a machine. */
const neighboursMs = leaseMs + 10_000
/** The same where no neighbour is left, and new members must be started first. */
const newMembersMs = 60_000
/** For so long, in ms, a member may say nothing before it is killed. */
const silenceMs = 15_000

/** Those that strike at a primary or its members. */
export const memberNemeses = {
  killMember: {
    does: 'kills a member (SIGKILL), mostly one that has something to do',
    async strike(target) {
      const member = await pickMember(target)
      noteStrike(target, { by: 'killMember', members: [member], withinMs: neighboursMs })
      send(member.pid, 'SIGKILL')
    },
  },
  killAllMembers: {
    does: 'kills all members (SIGKILL) and leaves their primary alone',
    async strike(target) {
      const members = await busyMembers(target)
      noteStrike(target, { by: 'killAllMembers', members, withinMs: newMembersMs })
      for (const { pid } of members) send(pid, 'SIGKILL')
    },
  },
  killPrimary: {
    does: 'kills the primary (SIGKILL) and starts it anew at once, while its members may not have noticed yet',
    async strike(target) {
      const members = await busyMembers(target)
      noteStrike(target, { by: 'killPrimary', members, withinMs: newMembersMs })
      await target.mill.replace()
    },
  },
  freezeMember: {
    does: 'stops a member (SIGSTOP) for longer than its lease and lets it go on',
    async strike(target) {
      const member = await pickMember(target)
      noteStrike(target, { by: 'freezeMember', members: [member], withinMs: neighboursMs })
      await freeze([member.pid])
      await sleep(leaseMs + 300 + target.random.upTo(1700))
      thaw([member.pid])
    },
  },
  freezeMemberTillKilled: {
    does: 'stops a member (SIGSTOP) until its primary loses patience and kills it',
    async strike(target) {
      const member = await pickMember(target)
      noteStrike(target, { by: 'freezeMemberTillKilled', members: [member], withinMs: neighboursMs })
      await freeze([member.pid])
      const killed = eventually(() => isGone(member.pid), 2 * silenceMs)
      await killed.catch(() => noteUnexpected(target, 'A member that stood still was not killed.'))
      thaw([member.pid])
    },
  },
  freezePrimary: {
    does: 'stops the primary (SIGSTOP), now and then for longer than members may be silent; they live on',
    async strike(target) {
      const { mill, random } = target
      const before = killedForSilence(mill.output())
      await freeze([mill.pid])
      await sleep(random.chance(0.3) ? silenceMs + 500 : leaseMs + random.upTo(1700))
      thaw([mill.pid])
      // Long enough that it has looked at them several times.
      await sleep(3000)
      const killed = killedForSilence(mill.output()) - before
      if (killed > 0) noteUnexpected(target, `${killed} members were killed because their primary had stood still.`)
    },
  },
  reload: {
    does: 'has the members replaced one after the other (SIGHUP)',
    async strike({ mill, random }) {
      mill.signal('SIGHUP')
      await sleep(random.upTo(6000))
    },
  },
  stopMember: {
    does: 'asks a member to end (SIGTERM)',
    async strike(target) {
      send((await pickMember(target)).pid, 'SIGTERM')
    },
  },
} as const satisfies Record<string, Nemesis>

/** How many members ended so, as the log tells. Others may come to their end in good order meanwhile. */
function killedForSilence(output: string): number {
  return output.split('It was silent for').length - 1
}

/** The members, after something was given to one of them to do. */
async function busyMembers({ mill, random, occupyThread }: Target): Promise<readonly Member[]> {
  if (random.chance(0.8)) await occupyThread(2000 + random.upTo(1000))
  await eventually(() => mill.members().length > 0, newMembersMs)
  return mill.members()
}

/** The one whose job comes before all others, where there is one. */
async function pickMember(target: Target): Promise<Member> {
  const members = await busyMembers(target)
  const [busy] = nodesAtWork(target.mill.folder).flatMap((node) => members.find(({ nodeId }) => nodeId === node) ?? [])
  return busy ?? target.random.pick(members)
}

interface Strike {
  readonly by: string
  readonly members: readonly Member[]
  readonly withinMs: number
}

function noteStrike({ history }: Target, { by, members, withinMs }: Strike): void {
  const nodes = members.flatMap(({ nodeId }) => nodeId ?? [])
  history.note({ type: 'struck', by, nodes, at: Date.now(), withinMs })
}

function noteUnexpected({ history }: Target, what: string): void {
  history.note({ type: 'unexpected', what })
}
