import type { MemberEnd, MemberState, MemberStatus } from '../../core/cluster.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'
import { addProcessLoad } from './process-load.ts'

const directives = requiresOneOf('admin')

const states = {
  STARTING: { description: 'It does not serve yet.' },
  READY: { description: 'It serves.' },
  DRAINING: { description: 'It takes no more work, brings to an end what it has, and goes.' },
  RESTARTING: { description: 'There is no process: the next one is about to be started.' },
  GIVEN_UP: {
    description: 'There is no process, and none is started: too many have come to a bad end one after the other.',
  },
} as const satisfies Record<MemberState, { description: string }>

const endKinds = {
  CRASHED: { description: 'It ended by itself, or something killed it.' },
  SILENT: { description: 'It said nothing for too long and was killed.' },
  RECYCLED: { description: 'It asked to be replaced, for the memory that it had.' },
  RELOADED: { description: 'It was replaced because administrators wanted it.' },
  START_FAILED: { description: 'It did not come to serve.' },
  STOPPED: { description: 'It was stopped together with all others.' },
} as const satisfies Record<MemberEnd['kind'], { description: string }>

/** Adds `ClusterMember`, what it is made of, and their enums. */
export function addClusterMember(builder: Builder) {
  const load = addProcessLoad(builder)
  const end = addMemberEnd(builder)
  const state = builder.enumType('MemberState', { description: 'What a process is about.', values: states })
  return builder.objectRef<MemberStatus>('ClusterMember').implement({
    description: 'One of the processes that serve together.',
    directives,
    fields: (t) => ({
      number: t.exposeInt('number', {
        ...forAllWhoMay,
        description: 'Counted from 1; who takes the place of a process that ended has its number.',
      }),
      nodeId: t.exposeString('nodeId', {
        ...forAllWhoMay,
        description: 'The node under which it runs jobs: another one for each process.',
      }),
      pid: t.exposeInt('pid', {
        ...forAllWhoMay,
        nullable: true,
        description: 'Its number in the operating system; null where there is no process.',
      }),
      state: t.expose('state', { ...forAllWhoMay, type: state, description: 'What it is about.' }),
      startedAt: t.expose('startedAt', {
        ...forAllWhoMay,
        type: 'DateTime',
        description: 'When the present process was started.',
      }),
      restarts: t.exposeInt('restarts', {
        ...forAllWhoMay,
        description: 'How often a process in this place was followed by another one, for whatever reason.',
      }),
      lastEnd: t.expose('lastEnd', {
        ...forAllWhoMay,
        type: end,
        nullable: true,
        description: 'How the process before it came to its end; null where there was none.',
      }),
      load: t.expose('load', {
        ...forAllWhoMay,
        type: load,
        nullable: true,
        description: 'What it has to do, as it said last; null where it has not said anything.',
      }),
      heardAt: t.expose('heardAt', {
        ...forAllWhoMay,
        type: 'DateTime',
        nullable: true,
        description: 'When it said so.',
      }),
    }),
  })
}

export type ClusterMemberRef = ReturnType<typeof addClusterMember>

function addMemberEnd(builder: Builder) {
  const kind = builder.enumType('MemberEndKind', {
    description: 'The ways in which a process comes to its end.',
    values: endKinds,
  })
  return builder.objectRef<MemberEnd>('MemberEnd').implement({
    description: 'How a process came to its end.',
    directives,
    fields: (t) => ({
      at: t.expose('at', { ...forAllWhoMay, type: 'DateTime', description: 'When.' }),
      kind: t.expose('kind', { ...forAllWhoMay, type: kind, description: 'In which way.' }),
      code: t.exposeInt('code', {
        ...forAllWhoMay,
        nullable: true,
        description: 'The code that it left with; null where a signal ended it.',
      }),
      signal: t.exposeString('signal', {
        ...forAllWhoMay,
        nullable: true,
        description: 'The signal that ended it, such as SIGKILL; null where none did.',
      }),
      reason: t.exposeString('reason', { ...forAllWhoMay, description: 'Why, in a sentence.' }),
    }),
  })
}
