import type { MetricFamily } from '../../../core/metrics.ts'
import type { Members } from '../../../ports/members.ts'
import { mergeFamilies } from './merge-families.ts'
import { readFamilies } from './read-families.ts'

/** How long a process may take to tell its figures, ms. */
const deadlineMs = 1_000

/** The figures of all processes that answer in time; the others are left out. Never rejects. */
export async function collectFigures(members: Pick<Members, 'askAll'>): Promise<readonly MetricFamily[]> {
  const answers = await members.askAll('metrics', deadlineMs)
  return mergeFamilies(answers.map(({ number, answer }) => readFamilies(answer, number)))
}
