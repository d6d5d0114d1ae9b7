/** The package entry `millrace/task`: all that a task file needs. */
export { z } from 'zod'
export { artifact, defineTask } from './core/task.ts'
export type {
  ArtifactInput,
  ArtifactOutput,
  PlainTask,
  Shard,
  ShardContext,
  ShardedTask,
  TaskContext,
  TaskDefinition,
} from './core/task.ts'
