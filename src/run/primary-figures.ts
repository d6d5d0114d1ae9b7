import { readProcessFigures } from '../adapters/local/process-figures.ts'
import { createFigures } from '../adapters/metrics/create-figures.ts'
import type { ClusterStatus, MemberChanged, MemberEnd } from '../core/cluster.ts'
import type { Logger } from '../ports/logger.ts'
import type { Figures } from '../ports/meter.ts'
import { memberFigures } from '../services/operations/figures/member-figures.ts'

const kinds = [
  'CRASHED',
  'SILENT',
  'RECYCLED',
  'RELOADED',
  'START_FAILED',
  'STOPPED',
] as const satisfies readonly MemberEnd['kind'][]

export interface PrimaryFiguresOptions {
  readonly logger: Logger
  status(): Promise<ClusterStatus>
}

/** The figures of a primary, which has the number 0: its own, and those of what befalls its members. */
export interface PrimaryFigures extends Figures {
  /** Counts it if it is an end. */
  note(change: MemberChanged): void
}

export function openPrimaryFigures({ logger, status }: PrimaryFiguresOptions): PrimaryFigures {
  const figures = createFigures({ number: 0, logger })
  figures.addSource(readProcessFigures)
  figures.addSource(async () => memberFigures(await status()))
  // So that the first end of each kind is seen as an increase.
  for (const kind of kinds) figures.count('millrace_member_ends_total', { kind }, 0)
  return {
    ...figures,
    note({ change, member }) {
      const kind = change === 'ENDED' ? member.lastEnd?.kind : undefined
      if (kind !== undefined) figures.count('millrace_member_ends_total', { kind })
    },
  }
}
