import { assertValidSchema, type GraphQLSchema, specifiedDirectives } from 'graphql'
import type { TaskDescription } from '../ports/compute-pool.ts'
import { accessDirectives } from './access.ts'
import { addAccounts } from './accounts/accounts.ts'
import { createBuilder } from './builder.ts'
import { addChannels } from './channels/channels.ts'
import { addArtifacts } from './jobs/artifact.ts'
import { addJobs, type JobsChapter } from './jobs/jobs.ts'
import { addLogLevel } from './jobs/log-level.ts'
import { createTypeNames } from './jobs/type-names.ts'
import { addOperations } from './operations/operations.ts'
import { addPageInfo } from './page-info.ts'
import { addRefusals } from './refusals.ts'
import { addScalars } from './scalars.ts'

export interface CreatedSchema {
  readonly schema: GraphQLSchema
  /** Sentences about what of the tasks' inputs and results has no type in GraphQL and is plain JSON there. */
  readonly warnings: readonly string[]
}

/**
 * The whole schema, with a mutation and types for each of the tasks.
 * Throws a `TaskFileError` for a task whose names cannot become a part of it.
 */
export function createSchema(tasks: readonly TaskDescription[]): CreatedSchema {
  const warnings: string[] = []
  const warn = (sentence: string) => void warnings.push(sentence)
  // What the schema has without any task is what tasks must not claim.
  const names = createTypeNames(buildSchema({ tasks: [], names: createTypeNames(null), warn }))
  const schema = buildSchema({ tasks, names, warn })
  assertValidSchema(schema)
  return { schema, warnings }
}

function buildSchema(jobs: JobsChapter): GraphQLSchema {
  const builder = createBuilder()
  builder.queryType({ description: 'What can be asked.' })
  builder.mutationType({ description: 'What can be done.' })
  builder.subscriptionType({
    description:
      'What can be watched, over WebSocket, SSE or long polling. Each answer has a cursor in extensions.resume.cursor. To come back without missing anything, send the last one as extensions.resume.after of the request, beside query and variables.',
  })
  const refusals = addRefusals(builder)
  addScalars(builder)
  const pageInfo = addPageInfo(builder)
  addAccounts(builder, refusals, pageInfo)
  addChannels(builder, refusals)
  const artifact = addArtifacts(builder)
  const logLevel = addLogLevel(builder)
  addJobs(builder, { refusals, pageInfo, artifact, logLevel }, jobs)
  addOperations(builder, refusals, logLevel, pageInfo)
  return builder.toSchema({ directives: [...specifiedDirectives, ...accessDirectives] })
}
