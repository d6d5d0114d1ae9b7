import { watchAlerts } from '../../resolvers/operations/watch-alerts.ts'
import type { AlertEvent } from '../../services/operations/alerts/alert-event.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { forAllWhoMay } from '../viewers.ts'
import type { AlertRef } from './alert.ts'

type AlertEventOf<Type extends AlertEvent['type']> = Extract<AlertEvent, { readonly type: Type }>

const directives = requiresOneOf('admin')

/** The events of one alert: their names, and what they say. */
const eventsOfOne = [
  ['AlertRaised', 'Something is amiss in a process.'],
  [
    'AlertRepeated',
    'Something is still amiss: told every five minutes while it lasts, with the figures as they are then.',
  ],
  ['AlertCleared', 'Something is amiss no more, or its process stopped in good order.'],
] as const

/** Adds the subscription `alerts`, with `AlertEvent` and its kinds. */
export function addAlertEvents(builder: Builder, alert: AlertRef): void {
  const alertEvent = builder.interfaceRef<AlertEvent>('AlertEvent').implement({
    description: 'News of alerts: AlertRaised, AlertRepeated, AlertCleared, or first of all AlertsSnapshot.',
    directives,
    resolveType: ({ type }) => type,
    fields: (t) => ({ at: t.expose('at', { ...forAllWhoMay, type: 'DateTime', description: 'When it was told.' }) }),
  })
  const event = { interfaces: [alertEvent], directives }

  builder.objectRef<AlertEventOf<'AlertsSnapshot'>>('AlertsSnapshot').implement({
    ...event,
    description: 'The alerts that last when the stream opens or, after a gap, goes on.',
    fields: (t) => ({
      active: t.field({
        ...forAllWhoMay,
        type: [alert],
        description: 'Newest first.',
        resolve: ({ active }) => active,
      }),
    }),
  })
  for (const [type, description] of eventsOfOne) {
    builder.objectRef<AlertEventOf<typeof type>>(type).implement({
      ...event,
      description,
      fields: (t) => ({
        alert: t.expose('alert', { ...forAllWhoMay, type: alert, description: 'The alert as it was told.' }),
      }),
    })
  }

  builder.subscriptionField('alerts', (t) =>
    t.field({
      ...forAllWhoMay,
      type: alertEvent,
      directives,
      description:
        'What is amiss in the processes that serve together: first the alerts that last, then each that is raised, told again or cleared. One whose process died is not cleared: take it for over when it was not told again for six minutes. For administrators.',
      subscribe: watchAlerts,
      resolve: (told) => told,
    }),
  )
}
