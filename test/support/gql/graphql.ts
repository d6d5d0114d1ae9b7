/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] }
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never }
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core'
/** What has become of a job. SUCCEEDED, FAILED, CANCELLED and EXPIRED are never left. */
export type JobState =
  /** Was stopped on request. */
  | 'CANCELLED'
  /** Was not begun in time. */
  | 'EXPIRED'
  /** Has ended with an error and is not tried again. */
  | 'FAILED'
  /** Waits for a free thread. */
  | 'QUEUED'
  /** Is being run. */
  | 'RUNNING'
  /** Waits for its time, such as that of the next attempt after a failed one. */
  | 'SCHEDULED'
  /** Has ended with a result. */
  | 'SUCCEEDED'

type WatchedJob_CompressArtifactJob_Fragment = { id: string; state: JobState }

type WatchedJob_ComputeFibonacciJob_Fragment = { id: string; state: JobState }

type WatchedJob_DiffuseHeatJob_Fragment = { id: string; state: JobState }

type WatchedJob_EstimateOptionPriceJob_Fragment = { id: string; state: JobState }

type WatchedJob_ProfileTableJob_Fragment = { id: string; state: JobState }

type WatchedJob_RenderFractalJob_Fragment = { id: string; state: JobState }

type WatchedJob_ResizeImageJob_Fragment = { id: string; state: JobState }

type WatchedJob_UntypedJob_Fragment = { id: string; state: JobState }

export type WatchedJobFragment =
  | WatchedJob_CompressArtifactJob_Fragment
  | WatchedJob_ComputeFibonacciJob_Fragment
  | WatchedJob_DiffuseHeatJob_Fragment
  | WatchedJob_EstimateOptionPriceJob_Fragment
  | WatchedJob_ProfileTableJob_Fragment
  | WatchedJob_RenderFractalJob_Fragment
  | WatchedJob_ResizeImageJob_Fragment
  | WatchedJob_UntypedJob_Fragment

export type FindJobQueryVariables = Exact<{
  id: string | number
}>

export type FindJobQuery = {
  job:
    | { createdAt: string; id: string; state: JobState }
    | { createdAt: string; id: string; state: JobState }
    | { createdAt: string; id: string; state: JobState }
    | { createdAt: string; id: string; state: JobState }
    | { createdAt: string; id: string; state: JobState }
    | { createdAt: string; id: string; state: JobState }
    | { createdAt: string; id: string; state: JobState }
    | { createdAt: string; id: string; state: JobState }
    | null
}

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>
  private value: string
  public __meta__?: Record<string, any> | undefined

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value)
    this.value = value
    this.__meta__ = __meta__
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value
  }
}
export const WatchedJobFragmentDoc = new TypedDocumentString(
  `
    fragment WatchedJob on Job {
  id
  state
}
    `,
  { fragmentName: 'WatchedJob' },
) as unknown as TypedDocumentString<WatchedJobFragment, unknown>
export const FindJobDocument = new TypedDocumentString(`
    query FindJob($id: ID!) {
  job(id: $id) {
    ...WatchedJob
    createdAt
  }
}
    fragment WatchedJob on Job {
  id
  state
}`) as unknown as TypedDocumentString<FindJobQuery, FindJobQueryVariables>
