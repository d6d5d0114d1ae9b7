import { z } from 'zod'
import { isSegment } from '../services/channels/channel-name.ts'
import {
  type ChannelRow,
  type ChannelTable,
  covers,
  listeners,
  type Listeners,
  publishers,
  type Publishers,
} from '../services/channels/channel-table.ts'
import type { PublishingPolicy } from '../services/channels/publishing-limits.ts'

/** One text, so that its type says that there is a default. */
const defaultTable =
  'public/* listen=public publish=admin; chat/* listen=signed-in publish=signed-in; user/* listen=owner publish=owner; inbox/* listen=owner publish=admin'

/** The part of the settings table that is about channels. */
export const channelSettings = {
  CHANNELS: {
    // `readChannels` tells what is wrong with which row.
    type: z.string(),
    accepts:
      '`none`, or rows separated by semicolons, each a pattern such as chat/* with `listen=` (`public`, `signed-in`, `owner` or `admin`), `publish=` (`signed-in`, `owner`, `admin` or `nobody`), and if wanted `hours=` (1 to 8760) and `messages=` (1 to 100000)',
    default: defaultTable,
    about:
      'Which channels there are, who may listen to them and publish, for how many hours and how many messages are kept (24 and 1000 by default). The first row that a name fits holds. `owner` is the user whose id is the second part of the name.',
  },
  CHANNEL_MESSAGE_KB: {
    type: z.coerce.number().positive().max(192),
    accepts: 'kilobytes (2^10 bytes), up to 192',
    default: '64',
    about: 'The largest body of a message, as JSON.',
  },
  CHANNEL_USER_MESSAGES: {
    type: z.coerce.number().int().min(1).max(1_000_000),
    accepts: '1 to 1,000,000',
    default: '600',
    about: 'How many messages one user may publish a minute.',
  },
  CHANNEL_MESSAGES: {
    type: z.coerce.number().int().min(1).max(1_000_000),
    accepts: '1 to 1,000,000',
    default: '6000',
    about: 'How many messages may be published on one channel a minute.',
  },
  CHANNEL_USER_MB: {
    type: z.coerce.number().positive().max(1_048_576),
    accepts: 'megabytes (2^20 bytes)',
    default: '64',
    about: 'How much one user may publish an hour; each message counts half a kilobyte besides its body.',
  },
  CHANNEL_USER_NEW: {
    type: z.coerce.number().int().min(1).max(1_000_000),
    accepts: '1 to 1,000,000',
    default: '1000',
    about: 'How many new channels one user may begin a day.',
  },
} as const satisfies Record<string, { type: z.ZodType; accepts: string; default: string; about: string }>

/** What the operator decided about channels. */
export interface ChannelsConfig extends PublishingPolicy {
  readonly table: ChannelTable
  /** Of a body as JSON. */
  readonly maxBytes: number
}

/** What the table's settings have given; `null` where they are wrong. */
interface ChannelValues {
  readonly CHANNELS: string
  readonly CHANNEL_MESSAGE_KB: number
  readonly CHANNEL_USER_MESSAGES: number
  readonly CHANNEL_MESSAGES: number
  readonly CHANNEL_USER_MB: number
  readonly CHANNEL_USER_NEW: number
}

/** Reads what is about channels. Adds what is wrong with the table to `mistakes`, row by row. */
export function readChannels(values: ChannelValues, mistakes: string[]): ChannelsConfig {
  return {
    table: readTable(values.CHANNELS, (mistake) => mistakes.push(`CHANNELS: ${mistake}`)),
    maxBytes: Math.floor(values.CHANNEL_MESSAGE_KB * 1024),
    messagesPerMinuteByUser: values.CHANNEL_USER_MESSAGES,
    messagesPerMinuteByChannel: values.CHANNEL_MESSAGES,
    bytesPerHourByUser: Math.floor(values.CHANNEL_USER_MB * 2 ** 20),
    newChannelsPerDayByUser: values.CHANNEL_USER_NEW,
  }
}

type Tell = (mistake: string) => void

const maxRows = 100

function readTable(text: string, tell: Tell): ChannelTable {
  if (text === 'none') return []
  const rows = text
    .split(';')
    .map((row) => row.trim())
    .filter((row) => row !== '')
  if (rows.length === 0) tell('has no rows; `none` says that there are no channels.')
  if (rows.length > maxRows) tell(`has ${rows.length} rows; at most ${maxRows} are allowed.`)
  const table: ChannelRow[] = []
  for (const written of rows.slice(0, maxRows)) {
    const row = readRow(written, (mistake) => tell(`in the row "${written}", ${mistake}`))
    if (row === null) continue
    if (table.some((earlier) => covers(earlier, row)))
      tell(`the row "${written}" is never used: every name that fits it fits an earlier row.`)
    table.push(row)
  }
  return table
}

/** How much is kept where the row does not say. */
const defaults = { hours: '24', messages: '1000' }

const words = ['listen', 'publish', 'hours', 'messages'] as const

/** `null` where something is wrong. */
function readRow(text: string, tell: Tell): ChannelRow | null {
  let isGood = true
  const wrong: Tell = (mistake) => {
    isGood = false
    tell(mistake)
  }
  const [pattern = '', ...given] = text.split(/\s+/)
  const path = readPattern(pattern, wrong)
  const options = readOptions(given, wrong)
  const listen = readChoice<Listeners>(listeners, 'listen', options, wrong)
  const publish = readChoice<Publishers>(publishers, 'publish', options, wrong)
  const hours = readCount('hours', options, 8760, wrong)
  const messages = readCount('messages', options, 100_000, wrong)
  if ((listen === 'owner' || publish === 'owner') && !(path.isOpen && path.segments.length === 1))
    wrong('"owner" needs a pattern such as user/*, in which the second part of the name is the id of a user.')
  if (!isGood || listen === null || publish === null) return null
  return { ...path, listen, publish, keep: { ms: hours * 3_600_000, events: messages } }
}

function readPattern(pattern: string, wrong: Tell): Pick<ChannelRow, 'segments' | 'isOpen'> {
  const parts = pattern.split('/')
  const isOpen = parts.at(-1) === '*'
  const segments = isOpen ? parts.slice(0, -1) : parts
  const isPattern = segments.every(isSegment) && parts.length >= 2 && parts.length <= 8 && pattern.length <= 128
  if (!isPattern)
    wrong(`"${pattern}" is no pattern: one is a name such as news/all, or the beginning of names such as chat/*.`)
  return { segments, isOpen }
}

function readOptions(given: readonly string[], wrong: Tell): ReadonlyMap<string, string> {
  const options = new Map<string, string>()
  for (const option of given) {
    const [, word = '', value = ''] = /^([a-z]+)=(.+)$/.exec(option) ?? []
    if (!words.some((known) => known === word))
      wrong(`"${option}" is none of ${words.map((name) => `${name}=…`).join(', ')}.`)
    else if (options.has(word)) wrong(`${word} is given twice.`)
    options.set(word, value)
  }
  return options
}

function readChoice<Choice extends string>(
  choices: readonly Choice[],
  word: 'listen' | 'publish',
  options: ReadonlyMap<string, string>,
  wrong: Tell,
): Choice | null {
  const value = options.get(word)
  const choice = choices.find((known) => known === value)
  if (choice !== undefined) return choice
  const accepted = `accepts ${choices.join(', ')}`
  wrong(value === undefined ? `${word}= is missing; it ${accepted}.` : `${word} ${accepted}, not "${value}".`)
  return null
}

function readCount(
  word: keyof typeof defaults,
  options: ReadonlyMap<string, string>,
  most: number,
  wrong: Tell,
): number {
  const value = options.get(word) ?? defaults[word]
  const count = /^\d{1,7}$/.test(value) ? Number(value) : 0
  if (count < 1 || count > most) wrong(`${word} accepts 1 to ${most}, not "${value}".`)
  return count
}
