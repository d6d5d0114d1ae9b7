import { alertKinds, type AlertSeverity, type AlertUnit } from '../../core/alerts.ts'
import { alerts } from '../../resolvers/operations/alerts.ts'
import type { ShownAlert } from '../../services/operations/alerts/alert-event.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { addConnection } from '../connection.ts'
import type { PageInfoRef } from '../page-info.ts'
import { forAllWhoMay } from '../viewers.ts'

const directives = requiresOneOf('admin')

const severities = {
  WARNING: { description: 'Something is slower or less safe than it should be, or is about to be.' },
  CRITICAL: { description: 'Something does not work, or soon will not: look at it now.' },
} as const satisfies Record<AlertSeverity, { description: string }>

const units = {
  BYTES: { description: 'Bytes.' },
  BYTES_PER_MINUTE: { description: 'Bytes per minute.' },
  MILLISECONDS: { description: 'Milliseconds.' },
  COUNT: { description: 'So many things.' },
  RATIO: { description: 'A part of the whole, 0 to 1.' },
} as const satisfies Record<AlertUnit, { description: string }>

/** Adds `Alert` with its other enums, and the query `alerts`. */
export function addAlerts(builder: Builder, pageInfo: PageInfoRef, kind: AlertKindRef) {
  const alert = addAlert(builder, kind)
  const connection = addConnection(builder, {
    name: 'Alert',
    words: ['An alert', 'alerts'],
    node: alert,
    pageInfo,
    scopes: ['admin'],
  })
  builder.queryField('alerts', (t) =>
    t.field({
      type: connection,
      directives,
      description:
        'What is or was amiss in the processes that serve together, the newest first, page by page: each alert as it was told last, for up to 30 days, and as far back as the last 2,000 events of `Subscription.alerts` go. For administrators.',
      args: {
        active: t.arg.boolean({ description: 'Only alerts that last (true), or only those that are over (false).' }),
        first: t.arg.int({ required: true, defaultValue: 20, description: 'How many at most, from 1 to 100.' }),
        after: t.arg.string({ description: 'The cursor of the last alert that you have: the page begins after it.' }),
      },
      resolve: alerts,
    }),
  )
  return alert
}

export type AlertRef = ReturnType<typeof addAlerts>

/** Adds `AlertKind`. */
export function addAlertKind(builder: Builder) {
  return builder.enumType('AlertKind', {
    description: 'What can be amiss in a process. docs/operations.md says what to do about each.',
    values: kindValues(),
  })
}

export type AlertKindRef = ReturnType<typeof addAlertKind>

function addAlert(builder: Builder, kind: AlertKindRef) {
  const severity = builder.enumType('AlertSeverity', { description: 'How grave an alert is.', values: severities })
  const unit = builder.enumType('AlertUnit', {
    description: 'What the figures of an alert are counted in.',
    values: units,
  })
  return builder.objectRef<ShownAlert>('Alert').implement({
    description: 'Something that is or was amiss in a process, as it was told last.',
    directives,
    fields: (t) => ({
      id: t.exposeID('id', {
        ...forAllWhoMay,
        description: 'Names the alert: the same from when it is raised until it is cleared.',
      }),
      kind: t.expose('kind', { ...forAllWhoMay, type: kind, description: 'What is amiss.' }),
      severity: t.expose('severity', { ...forAllWhoMay, type: severity, description: 'How grave it is.' }),
      isActive: t.exposeBoolean('isActive', {
        ...forAllWhoMay,
        description:
          'Whether it lasted when it was told or, in a list, when it was asked for: it is over when it was cleared, or was not told again for six minutes, since its process is gone then.',
      }),
      message: t.exposeString('message', { ...forAllWhoMay, description: 'A sentence with the figures.' }),
      value: t.exposeFloat('value', {
        ...forAllWhoMay,
        description: 'The figure that raised it, as it was told last.',
      }),
      limit: t.exposeFloat('limit', {
        ...forAllWhoMay,
        description: 'What the figure should not be over; or under, of what is free.',
      }),
      unit: t.expose('unit', { ...forAllWhoMay, type: unit, description: 'What the two figures are counted in.' }),
      member: t.exposeInt('member', {
        ...forAllWhoMay,
        description: 'The place of the process that raised it, counted from 1; 0 for the primary.',
      }),
      nodeId: t.exposeString('nodeId', {
        ...forAllWhoMay,
        nullable: true,
        description: 'The node under which that process runs jobs; null for the primary, which runs none.',
      }),
      raisedAt: t.expose('raisedAt', { ...forAllWhoMay, type: 'DateTime', description: 'Since when it is amiss.' }),
      toldAt: t.expose('toldAt', {
        ...forAllWhoMay,
        type: 'DateTime',
        description: 'When it was told last: every five minutes while it lasts, and when it is cleared.',
      }),
      clearedAt: t.expose('clearedAt', {
        ...forAllWhoMay,
        type: 'DateTime',
        nullable: true,
        description: 'When it was over; null while it lasts, and for good where its process ended before it could say.',
      }),
    }),
  })
}

type KindValues = { readonly [Kind in keyof typeof alertKinds]: { readonly description: string } }

function kindValues(): KindValues {
  const values = Object.entries(alertKinds).map(([kind, { about }]) => [kind, { description: about }])
  // The entries of the table, one for one.
  return Object.fromEntries(values) as KindValues
}
