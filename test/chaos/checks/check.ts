import type { ChaosTask } from '../chaos-tasks.ts'
import type { Observation } from '../history.ts'
import type { RestingJob, RestingRecord } from '../resting-record.ts'

/** All that is known of a run. */
export interface Evidence {
  readonly history: readonly Observation[]
  /** Whether the history stops in the middle, so that streams may be open. */
  readonly isCutOff: boolean
  readonly record: RestingRecord
  /** By name: what each task may come to. */
  readonly tasks: ReadonlyMap<string, ChaosTask>
}

/** An invariant. */
export interface Check {
  readonly sentence: string
  /** Says for each contradiction, in a sentence, what is wrong. */
  find(evidence: Evidence): Iterable<string>
}

/** The jobs of the record by id. */
export function jobsById({ record }: Evidence): ReadonlyMap<string, RestingJob> {
  return new Map(record.jobs.map((resting) => [resting.job.id, resting]))
}

/** What the history holds of one type, in order. */
export function observed<Type extends Observation['type']>(
  { history }: Pick<Evidence, 'history'>,
  type: Type,
): readonly Extract<Observation, { type: Type }>[] {
  return history.filter((one): one is Extract<Observation, { type: Type }> => one.type === type)
}
