import type { Frame } from '../operation.ts'

/** What a poll is answered with that has events, or whose log has come to its end. */
export interface PollPage {
  readonly items: readonly Frame[]
  /** Where to go on. */
  readonly cursor: string
  /** Whether a poll now would have to wait. */
  readonly upToDate: boolean
  /** Whether nothing will follow. */
  readonly closed: boolean
}

/** A text of which the length is known. */
export interface MeasuredText {
  readonly text: string
  /** In UTF-8. */
  readonly bytes: number
}

/** The page as JSON. That of one event is made once for all who waited for it. */
export function pageText({ items, cursor, upToDate, closed }: PollPage): MeasuredText {
  const [first] = items
  if (first !== undefined && items.length === 1 && upToDate && closed === first.last) return first.encoded(onlyItemText)
  return measured(textOf(items, { cursor, upToDate, closed }))
}

/** The answer to who waited for the event and got nothing else. A string, since node writes it in one piece with the head. */
function onlyItemText(frame: Frame): MeasuredText {
  return measured(textOf([frame], { cursor: frame.cursor, upToDate: true, closed: frame.last }))
}

function textOf(items: readonly Frame[], rest: Omit<PollPage, 'items'>): string {
  return `{"items":[${items.map((item) => item.encoded(itemText)).join(',')}],${JSON.stringify(rest).slice(1)}`
}

function itemText({ cursor, payload }: Frame): string {
  return `{"cursor":${JSON.stringify(cursor)},"payload":${payload}}`
}

function measured(text: string): MeasuredText {
  return { text, bytes: Buffer.byteLength(text) }
}
