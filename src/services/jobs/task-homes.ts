import type { Job } from '../../core/job.ts'
import type { Store } from '../../ports/store.ts'
import type { TaskCatalogue } from './task-catalogue.ts'

/**
 * Which of several nodes have which tasks, in which version: while one release replaces another they have different ones. A
 * job is for a node that has its task in the version that it was entered for; where no node has that version, for any that has
 * the task.
 */
export interface TaskHomes {
  /** This node's tasks, each with the versions of it that are left to other nodes, as they were at the last look. */
  claimable(): ReadonlyMap<string, readonly string[]>
  /** Looks which nodes there are now. Says whether they have other tasks than at the last look. */
  look(): Promise<boolean>
  /** Whether another node has the job's task in the very version that it was entered for; looks first. */
  isElsewhere(job: Pick<Job, 'task' | 'taskVersion'>): Promise<boolean>
}

export interface TaskHomesOptions {
  readonly store: Store
  readonly tasks: Pick<TaskCatalogue, 'tasks'>
  readonly nodeId: string
}

export function createTaskHomes({ store, tasks, nodeId }: TaskHomesOptions): TaskHomes {
  let others: readonly ReadonlyMap<string, string>[] = []

  async function look(): Promise<boolean> {
    const nodes = await store.read((records) => records.nodes.live())
    const found = nodes.filter(({ id }) => id !== nodeId).map((node) => node.tasks)
    const isChanged = nameAll(found) !== nameAll(others)
    others = found
    return isChanged
  }

  function versionsElsewhere(task: string): readonly string[] {
    return [...new Set(others.flatMap((node) => node.get(task) ?? []))]
  }

  return {
    look,
    claimable: () =>
      new Map(tasks.tasks.map(({ name, version }) => [name, versionsElsewhere(name).filter((it) => it !== version)])),
    async isElsewhere({ task, taskVersion }) {
      await look()
      return versionsElsewhere(task).includes(taskVersion)
    },
  }
}

function nameAll(nodes: readonly ReadonlyMap<string, string>[]): string {
  return JSON.stringify(
    [...new Set(nodes.flatMap((node) => [...node].map(([name, version]) => [name, version].join(' '))))].toSorted(),
  )
}

/** This node's tasks as the other nodes are told of them. */
export function versionsOf({ tasks }: Pick<TaskCatalogue, 'tasks'>): ReadonlyMap<string, string> {
  return new Map(tasks.map(({ name, version }) => [name, version]))
}
