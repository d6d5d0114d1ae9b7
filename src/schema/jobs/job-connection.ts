import type { Job } from '../../core/job.ts'
import type { Edge, Page } from '../../core/page.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import type { PageInfoRef } from '../page-info.ts'
import type { JobRefs } from './job.ts'

/** Adds the types `JobConnection` and `JobEdge`. */
export function addJobConnection(builder: Builder, { job }: JobRefs, pageInfo: PageInfoRef) {
  const edge = builder.objectRef<Edge<Job>>('JobEdge').implement({
    description: 'A job at its place in a list.',
    directives: requiresOneOf('jobs:read'),
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'The place in the list, to be given as `after`.' }),
      node: t.expose('node', { type: job, description: 'The job.' }),
    }),
  })
  return builder.objectRef<Page<Job>>('JobConnection').implement({
    description: 'A page of a list of jobs.',
    directives: requiresOneOf('jobs:read'),
    fields: (t) => ({
      edges: t.field({ type: [edge], description: 'The jobs with their places.', resolve: ({ edges }) => [...edges] }),
      nodes: t.field({
        type: [job],
        description: 'The jobs alone.',
        resolve: ({ edges }) => edges.map(({ node }) => node),
      }),
      pageInfo: t.expose('pageInfo', { type: pageInfo, description: 'Where the page stands in the list.' }),
    }),
  })
}

export type JobConnectionRef = ReturnType<typeof addJobConnection>
