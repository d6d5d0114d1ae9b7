import type { MemberEnd, MemberState, MemberStatus } from '../../core/cluster.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'
import type { ProcessLoadRef } from './process-load.ts'

const directives = requiresOneOf('admin')

const states = {
  STARTING: { description: 'The process was started and does not serve yet.' },
  READY: { description: 'The process is up and takes work.' },
  DRAINING: { description: 'The process takes no more work, brings to an end what it has, and goes.' },
  ENDED: { description: 'The process is gone: only the event that tells of its end shows this state.' },
  RESTARTING: { description: 'There is no process: the next one is about to be started.' },
  GIVEN_UP: {
    description: 'There is no process, and none is started: too many have come to a bad end one after the other.',
  },
} as const satisfies Record<MemberState, { description: string }>

const endKinds = {
  CRASHED: {
    description: 'The process ended without being asked to, or something other than its supervisor killed it.',
  },
  SILENT: {
    description:
      'The process sent no heartbeat for 15 seconds and was killed; or for 3 seconds, with the database’s lock in its hands.',
  },
  RECYCLED: {
    description:
      'The process asked to be replaced, because native code held half of its threads, because it had too much memory, or because it was sent SIGTERM. It drained once its successor served.',
  },
  RELOADED: {
    description:
      'The process was replaced because SIGHUP was sent to the primary. It drained once its successor served.',
  },
  START_FAILED: { description: 'The process ended, or was killed for taking too long, before it served.' },
  STOPPED: { description: 'The process was stopped together with all others.' },
} as const satisfies Record<MemberEnd['kind'], { description: string }>

/** Adds `ClusterMember`, what it is made of, and their enums. */
export function addClusterMember(builder: Builder, load: ProcessLoadRef) {
  const end = addMemberEnd(builder)
  const state = builder.enumType('MemberState', { description: 'Where a process is in its life.', values: states })
  return builder.objectRef<MemberStatus>('ClusterMember').implement({
    description: 'One of the processes that serve together.',
    directives,
    fields: (t) => ({
      number: t.exposeInt('number', {
        ...forAllWhoMay,
        description: 'The place of the process among all, counted from 1; its successor has the same number.',
      }),
      nodeId: t.exposeString('nodeId', {
        ...forAllWhoMay,
        description:
          'The node under which the process runs jobs: another one for each process, also in the same place.',
      }),
      pid: t.exposeInt('pid', {
        ...forAllWhoMay,
        nullable: true,
        description:
          'The number of the process in the operating system, also in the event of its end; null where there is no process.',
      }),
      state: t.expose('state', {
        ...forAllWhoMay,
        type: state,
        description: 'Whether the process serves, is about to, or is about to go.',
      }),
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
        description: 'How the last process in this place that ended came to its end; null where none has ended.',
      }),
      load: t.expose('load', {
        ...forAllWhoMay,
        type: load,
        nullable: true,
        description: 'What the process has to do, as of `heardAt`; null where it has not told anything.',
      }),
      heardAt: t.expose('heardAt', {
        ...forAllWhoMay,
        type: 'DateTime',
        nullable: true,
        description: 'When the process last told its load; null where it has not told anything.',
      }),
    }),
  })
}

export type ClusterMemberRef = ReturnType<typeof addClusterMember>

function addMemberEnd(builder: Builder) {
  const kind = builder.enumType('MemberEndKind', {
    description:
      'The ways in which a process comes to its end: RECYCLED, RELOADED and STOPPED are in good order, the others are faults.',
    values: endKinds,
  })
  return builder.objectRef<MemberEnd>('MemberEnd').implement({
    description: 'How a process came to its end.',
    directives,
    fields: (t) => ({
      at: t.expose('at', {
        ...forAllWhoMay,
        type: 'DateTime',
        description: 'When the process was seen to have ended.',
      }),
      kind: t.expose('kind', {
        ...forAllWhoMay,
        type: kind,
        description: 'What ended the process: a fault, or somebody who asked for it.',
      }),
      code: t.exposeInt('code', {
        ...forAllWhoMay,
        nullable: true,
        description: 'The exit code of the process; null where a signal ended it.',
      }),
      signal: t.exposeString('signal', {
        ...forAllWhoMay,
        nullable: true,
        description: 'The signal that ended the process, such as SIGKILL; null where none did.',
      }),
      reason: t.exposeString('reason', { ...forAllWhoMay, description: 'Why the process ended, in a sentence.' }),
    }),
  })
}
