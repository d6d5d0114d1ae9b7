import { readArguments } from '../../scripts/read-arguments.ts'

/** What can be measured alone. */
export const partNames = ['ws', 'sse', 'publish', 'poll', 'memory', 'latency', 'storm', 'stalled'] as const

export type PartName = (typeof partNames)[number]

export interface FanoutOptions {
  readonly only: readonly PartName[]
  /** How many clients listen: one measurement for each. */
  readonly clients: readonly number[]
  readonly rounds: number
}

const defaultClients = [100, 1000, 5000]
const defaultRounds = 5

const help = `npm run bench fanout [-- --only PARTS] [--clients N,…] [--rounds N]

Publishes events to many subscribers, of Millrace and of others, and measures what the server uses for each delivery.
  --only PARTS   only these, with commas between them: ${partNames.join(', ')}
  --clients N,…  so many subscribers (${defaultClients.join(',')}); the targets are for 1000 and 5000
  --rounds N     in so many rounds (${defaultRounds})
The exit status is 0 when all targets were met, 1 when one was missed or could not be measured.
`

/** Reads them from the command line after the benchmark's name. Ends the process with a sentence when they are wrong. */
export function readFanoutOptions(): FanoutOptions {
  const { values } = readArguments(
    {
      args: process.argv.slice(3),
      options: { only: { type: 'string' }, clients: { type: 'string' }, rounds: { type: 'string' } },
    },
    help,
  )
  const only = values.only?.split(',') ?? partNames
  const clients = values.clients?.split(',').map(Number) ?? defaultClients
  const rounds = values.rounds === undefined ? defaultRounds : Number(values.rounds)
  const unknown = only.find((name) => !partNames.some((part) => part === name))
  if (unknown !== undefined) refuse(`--only knows no part "${unknown}".`)
  if (!clients.every((number) => Number.isInteger(number) && number > 0))
    refuse('--clients takes whole numbers above 0.')
  if (!Number.isInteger(rounds) || rounds < 1) refuse('--rounds takes a whole number above 0.')
  return { only: partNames.filter((part) => only.includes(part)), clients, rounds }
}

function refuse(sentence: string): never {
  console.error(`${sentence}\n\n${help}`)
  process.exit(2)
}
