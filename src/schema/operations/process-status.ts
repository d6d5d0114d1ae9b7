import type { ProcessStatus } from '../../core/system-status.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'
import type { AlertKindRef } from './alert.ts'
import type { HeapSnapshotEstimateRef } from './heap-snapshot-estimate.ts'
import { addLoopStatus } from './loop-status.ts'
import { addMemoryStatus } from './memory-status.ts'
import type { ProcessLoadRef } from './process-load.ts'
import { addSheddingStatus } from './shedding-status.ts'

/** What stands elsewhere in the schema and is told of processes, too. */
export interface ProcessStatusParts {
  readonly load: ProcessLoadRef
  readonly alertKind: AlertKindRef
  readonly estimate: HeapSnapshotEstimateRef
}

/** Adds `ProcessStatus` and what it is made of. */
export function addProcessStatus(builder: Builder, { load, alertKind, estimate }: ProcessStatusParts) {
  const memory = addMemoryStatus(builder)
  const loop = addLoopStatus(builder)
  const shedding = addSheddingStatus(builder)
  return builder.objectRef<ProcessStatus>('ProcessStatus').implement({
    description: 'What a process says of itself.',
    directives: requiresOneOf('admin'),
    fields: (t) => ({
      number: t.exposeInt('number', {
        ...forAllWhoMay,
        description: 'The place of the process, counted from 1; 0 for the primary, which supervises the others.',
      }),
      nodeId: t.exposeString('nodeId', {
        ...forAllWhoMay,
        nullable: true,
        description: 'The node under which the process runs jobs; null for the primary, which runs none.',
      }),
      pid: t.exposeInt('pid', {
        ...forAllWhoMay,
        description: 'The number of the process in the operating system.',
      }),
      version: t.exposeString('version', { ...forAllWhoMay, description: 'The version of Millrace that runs.' }),
      nodeVersion: t.exposeString('nodeVersion', {
        ...forAllWhoMay,
        description: 'The version of Node that it runs on, such as v26.1.0.',
      }),
      at: t.expose('at', { ...forAllWhoMay, type: 'DateTime', description: 'When the process said all this.' }),
      load: t.expose('load', { ...forAllWhoMay, type: load, description: 'What the process has to do.' }),
      memory: t.expose('memory', {
        ...forAllWhoMay,
        type: memory,
        description: 'The memory of the process and of its threads, and how it grows.',
      }),
      loop: t.expose('loop', {
        ...forAllWhoMay,
        type: loop,
        description: 'What holds up the event loop, and what keeps it alive.',
      }),
      shedding: t.expose('shedding', {
        ...forAllWhoMay,
        type: shedding,
        nullable: true,
        description: 'What the process refuses for its load; null for the primary, which takes no requests.',
      }),
      snapshot: t.expose('snapshot', {
        ...forAllWhoMay,
        type: estimate,
        nullable: true,
        description: 'What a heap snapshot of the process would cost now; null where none is taken (HEAP_SNAPSHOTS).',
      }),
      alerts: t.expose('alerts', {
        ...forAllWhoMay,
        type: [alertKind],
        description: 'The kinds of the alerts that the process has raised and not cleared.',
      }),
    }),
  })
}

export type ProcessStatusRef = ReturnType<typeof addProcessStatus>
