import { execute, getNamedType, type GraphQLField, isAbstractType, isInterfaceType, isObjectType, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { ChannelEvent } from '../../../src/services/channels/channel-event.ts'
import type { NoticeEvent } from '../../../src/services/channels/notice-event.ts'
import type { MemberStatus } from '../../../src/core/cluster.ts'
import { statusFields as systemStatusFields } from '../../../src/cli/status-fields.ts'
import { createSchema } from '../../../src/schema/index.ts'
import type { ClusterEvent } from '../../../src/services/operations/cluster-event.ts'
import type { SystemEvent } from '../../../src/services/operations/system/system-event.ts'
import { processStatus } from '../operations/process-statuses.ts'

const { schema } = createSchema([])

/** Every field that an operation can reach from there, by its coordinate. */
function reachedFrom(name: string, from: GraphQLField<unknown, unknown>): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>([[name, from.extensions['viewers']]])
  const open = [getNamedType(from.type)]
  for (const type of open) {
    const behind = isAbstractType(type) ? schema.getPossibleTypes(type) : []
    if (!isObjectType(type) && !isInterfaceType(type)) continue
    for (const selectable of [type, ...behind]) {
      for (const field of Object.values(selectable.getFields())) {
        const coordinate = `${selectable.name}.${field.name}`
        if (found.has(coordinate)) continue
        found.set(coordinate, field.extensions['viewers'])
        open.push(getNamedType(field.type))
      }
    }
  }
  return found
}

const subscriptions = schema.getSubscriptionType()?.getFields() ?? {}

/** What nobody may look at. */
const noContext = new Proxy(
  {},
  {
    get: (_target, name) => {
      throw new TypeError(`A field for all who may has read ${String(name)} of the context.`)
    },
  },
)

const message = { id: 'msg_1', channel: 'chat/x', senderId: 'usr_1', sentAt: 0, body: { a: [1] } }
const notice = { id: 'ntc_1', text: 'Down.', severity: 'INFO', publishedAt: 0, until: 1 } as const
const channelEvents: readonly ChannelEvent[] = [
  { type: 'ChannelSnapshot', channel: 'chat/x', at: 0, messages: [message] },
  { type: 'MessagePublished', message },
]
const noticeEvents: readonly NoticeEvent[] = [
  { type: 'NoticesSnapshot', at: 0, notices: [notice] },
  { type: 'NoticePublished', at: 0, notice },
  { type: 'NoticeWithdrawn', at: 0, noticeId: 'ntc_1' },
]
const figures = {
  uptimeMs: 1,
  loopDelayP50Ms: 1,
  loopDelayP99Ms: 1,
  loopDelayMaxMs: 1,
  loopUtilization: 0.5,
  cpuCores: 1,
  rssBytes: 2 ** 40,
  heapUsedBytes: 1,
  heapTotalBytes: 1,
  externalBytes: 1,
  threads: 1,
  busyThreads: 1,
  zombieThreads: 0,
  waitingAttempts: 0,
  connections: 1,
  streams: 1,
}
const member: MemberStatus = {
  number: 1,
  nodeId: 'node_1',
  pid: null,
  state: 'RESTARTING',
  startedAt: 0,
  restarts: 1,
  lastEnd: { at: 0, kind: 'SILENT', code: null, signal: 'SIGKILL', reason: 'It said nothing for 15 s.' },
  load: { ...figures, bus: { kind: 'redis', isLive: false, since: 0 } },
  heardAt: 0,
}
const status = { at: 0, primaryPid: 1, isSupervised: true, startedAt: 0, members: [member] }
const clusterEvents: readonly ClusterEvent[] = [
  { type: 'ClusterSnapshot', at: 0, status },
  { type: 'ClusterSampled', at: 0, status },
  { type: 'MemberChanged', at: 0, change: 'ENDED', member, reason: null },
]
const memberFields = `{
  number nodeId pid state startedAt restarts lastEnd { at kind code signal reason } heardAt
  load { ${Object.keys(figures).join(' ')} bus { kind isLive since } }
}`
const statusFields = `{ at primaryPid isSupervised startedAt members ${memberFields} }`
const systemStatus = { at: 0, processes: [processStatus(0), processStatus(1)], silent: [2] }
const systemEvents: readonly SystemEvent[] = [
  { type: 'SystemSnapshot', at: 0, status: systemStatus },
  { type: 'SystemSampled', at: 0, status: systemStatus },
]
const messageFields = '{ id channel body sentAt senderId }'
const noticeFields = '{ id text severity publishedAt until }'
const cases = [
  {
    name: 'channel',
    events: channelEvents,
    query: `subscription { channel(name: "chat/x") {
      __typename channel at
      ... on ChannelSnapshot { messages ${messageFields} } ... on MessagePublished { message ${messageFields} }
    } }`,
    reached: 12,
  },
  {
    name: 'notices',
    events: noticeEvents,
    query: `subscription { notices {
      __typename at
      ... on NoticesSnapshot { notices ${noticeFields} } ... on NoticePublished { notice ${noticeFields} }
      ... on NoticeWithdrawn { noticeId }
    } }`,
    reached: 13,
  },
  {
    name: 'clusterEvents',
    events: clusterEvents,
    query: `subscription { clusterEvents {
      __typename at
      ... on ClusterSnapshot { status ${statusFields} } ... on ClusterSampled { status ${statusFields} }
      ... on MemberChanged { change member ${memberFields} reason }
    } }`,
    reached: 45,
  },
  {
    name: 'systemStatus',
    events: systemEvents,
    query: `subscription { systemStatus { __typename at status { ${systemStatusFields} } } }`,
    reached: 90,
  },
]

describe.each(cases)('the subscription $name', ({ name, events, query, reached }) => {
  it('says of every field that it reaches that all who may see the same', () => {
    const field = subscriptions[name]
    if (field === undefined) throw new Error(`There is no subscription ${name}.`)
    const fields = reachedFrom(`Subscription.${name}`, field)
    expect(fields.size).toBeGreaterThanOrEqual(reached)
    expect([...fields].filter(([, viewers]) => viewers !== 'all-who-may')).toEqual([])
  })

  it('tells each of its events without a look at who asks', async () => {
    for (const event of events) {
      // As a transport executes an event: the body is the root value.
      const result = await execute({ schema, document: parse(query), rootValue: event, contextValue: noContext })
      expect(result.errors).toBeUndefined()
      expect(result.data?.[name]).toMatchObject({ __typename: event.type })
    }
  })
})

it('a field that asks who looks is none of those', () => {
  const { sessionEvents } = subscriptions
  if (sessionEvents === undefined) throw new Error('There is no subscription sessionEvents.')
  const fields = reachedFrom('Subscription.sessionEvents', sessionEvents)
  expect(fields.get('SessionEvent.sessions')).toBeUndefined()
})
