import type { ClusterStatus, MemberChanged, MemberEnd, MemberStatus } from '../../core/cluster.ts'
import { retention } from '../streams/retention.ts'
import type { StatusTopic } from './status-stream.ts'

/** The topic of the processes that serve together. */
export const clusterTopic = 'cluster'

/** What is told on it, the same for every administrator. */
export type ClusterEvent =
  | { readonly type: 'ClusterSnapshot'; readonly at: number; readonly status: ClusterStatus }
  | { readonly type: 'ClusterSampled'; readonly at: number; readonly status: ClusterStatus }
  | ({ readonly type: 'MemberChanged' } & MemberChanged)

/** The most characters of a reason that are kept: it may tell what a process said on its way out. */
const maxReason = 500

/** How the status is told on it. */
export const clusterStatusTopic: StatusTopic<ClusterStatus> = {
  topic: clusterTopic,
  snapshotType: 'ClusterSnapshot' satisfies ClusterEvent['type'],
  type: 'ClusterSampled' satisfies ClusterEvent['type'],
  name: 'The status of the cluster',
  retention: retention.cluster,
  bound: boundedStatus,
}

function boundedStatus(status: ClusterStatus): ClusterStatus {
  return { ...status, members: status.members.map(boundedMember) }
}

/** The change as it goes into the log. */
export function boundedChange(change: MemberChanged): MemberChanged {
  const { member, reason } = change
  return { ...change, member: boundedMember(member), reason: reason === null ? null : bounded(reason) }
}

function boundedMember(member: MemberStatus): MemberStatus {
  return { ...member, lastEnd: member.lastEnd === null ? null : boundedEnd(member.lastEnd) }
}

function boundedEnd(end: MemberEnd): MemberEnd {
  return { ...end, reason: bounded(end.reason) }
}

function bounded(text: string): string {
  return text.length <= maxReason ? text : `${text.slice(0, maxReason).toWellFormed()}…`
}
