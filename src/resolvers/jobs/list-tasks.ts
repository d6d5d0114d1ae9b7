import type { TaskDescription } from '../../ports/compute-pool.ts'
import type { RequestContext } from '../context.ts'

export function listTasks(_root: unknown, _arguments: object, context: RequestContext): readonly TaskDescription[] {
  return context.services.tasks.tasks
}
