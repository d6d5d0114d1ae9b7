/** What the text of one cell can be read as. */
export const cellTypes = ['INTEGER', 'NUMBER', 'BOOLEAN', 'DATE', 'TEXT'] as const

export type CellType = (typeof cellTypes)[number]

// No leading zeros: 00501 is a ZIP code and not five hundred and one.
const integer = /^[+-]?(?:0|[1-9]\d*)$/
const decimal = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/
const trueOrFalse = /^(?:true|false)$/i
/** ISO 8601: a day, or a day with a time of day, with or without a zone. */
const date =
  /^(\d{4})([-/])(\d{2})\2(\d{2})(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d|60)(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?)?$/

const zero = '0'.charCodeAt(0)
const nine = '9'.charCodeAt(0)
const numberStarts: ReadonlySet<number> = new Set(['+', '-', '.'].map((sign) => sign.charCodeAt(0)))

/** What a text without spaces around it reads as. Not empty. */
export function typeOfCell(text: string): CellType {
  const first = text.charCodeAt(0)
  // By the first character, so that most texts meet no pattern at all.
  if ((first >= zero && first <= nine) || numberStarts.has(first)) {
    if (integer.test(text)) return Number.isFinite(Number(text)) ? 'INTEGER' : 'TEXT'
    if (decimal.test(text)) return Number.isFinite(Number(text)) ? 'NUMBER' : 'TEXT'
    return dateOf(text) === null ? 'TEXT' : 'DATE'
  }
  return text.length <= 5 && trueOrFalse.test(text) ? 'BOOLEAN' : 'TEXT'
}

/** The time that a text of type DATE stands for, in ms since 1970 (UTC where it names no zone); `null` for any other. */
export function dateOf(text: string): number | null {
  const match = date.exec(text)
  if (match === null) return null
  const [, year = '', , month = '', day = '', hours = '00', minutes = '00', seconds = '00'] = match
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hours), Number(minutes), Number(seconds))
  // Date.UTC lets the 30th of February roll over.
  const rolledOver = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  if (rolledOver.getUTCMonth() !== Number(month) - 1 || rolledOver.getUTCDate() !== Number(day)) return null
  const zone = /([+-])(\d{2}):?(\d{2})$/.exec(text.slice(11))
  if (zone === null) return time
  const minutesEast = (Number(zone[2]) * 60 + Number(zone[3])) * (zone[1] === '-' ? -1 : 1)
  return time - minutesEast * 60_000
}
