import { readArguments } from '../../scripts/read-arguments.ts'

/** What can be measured alone. */
export const partNames = ['queries', 'fanout', 'relay', 'bus', 'writers'] as const

export type PartName = (typeof partNames)[number]

export interface ClusterOptions {
  readonly only: readonly PartName[]
  /** How many processes serve, or write; one is a server without a cluster. */
  readonly members: readonly number[]
  /** Subscribers of the one channel. */
  readonly clients: number
  readonly rounds: number
  /** How long each thing is measured in each round. */
  readonly seconds: number
  /** How many processes make requests. */
  readonly generators: number
}

const defaults = { members: [1, 2, 4], clients: 1000, rounds: 5, seconds: 1, generators: 1 }
const most = { members: 16, clients: 10_000, rounds: 100, seconds: 60, generators: 16 }

const help = `npm run bench cluster [-- --only PARTS] [--members N,…] [--clients N] [--rounds N] [--seconds N] [--generators N]

Measures servers of several processes beside one of a single process: queries, live events over the line to the primary and
over Redis, and SQLite with several writers. Linux only.
  --only PARTS    only these, with commas between them: ${partNames.join(', ')}
  --members N,…   with so many processes that serve (${defaults.members.join(',')}); 1 is a server without a cluster
  --clients N     so many subscribers of one channel (${defaults.clients})
  --rounds N      in so many rounds (${defaults.rounds})
  --seconds N     so long for each thing in each round (${defaults.seconds})
  --generators N  so many processes that make requests (${defaults.generators})
The exit status is 0 when all was measured.
`

/** Reads them from the command line after the benchmark's name. Ends the process with a sentence when they are wrong. */
export function readClusterOptions(): ClusterOptions {
  const { values } = readArguments(
    {
      args: process.argv.slice(3),
      options: {
        only: { type: 'string' },
        members: { type: 'string' },
        clients: { type: 'string' },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        generators: { type: 'string' },
      },
    },
    help,
  )
  const only = values.only?.split(',') ?? partNames
  const unknown = only.find((name) => !partNames.some((part) => part === name))
  if (unknown !== undefined) refuse(`--only knows no part "${unknown}".`)
  const numbers = (values.members?.split(',') ?? defaults.members).map((text) => wholeNumber('members', String(text)))
  const seconds = Number(values.seconds ?? defaults.seconds)
  if (!(seconds > 0 && seconds <= most.seconds))
    refuse(`--seconds takes a number above 0, ${most.seconds} at the most.`)
  const whole = (name: 'clients' | 'rounds' | 'generators') => wholeNumber(name, values[name] ?? String(defaults[name]))
  return {
    only: partNames.filter((part) => only.includes(part)),
    members: [...new Set(numbers)],
    seconds,
    clients: whole('clients'),
    rounds: whole('rounds'),
    generators: whole('generators'),
  }
}

function wholeNumber(name: keyof typeof most, text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0 && number <= most[name]) return number
  return refuse(`--${name} takes whole numbers above 0, ${most[name]} at the most.`)
}

function refuse(sentence: string): never {
  console.error(`${sentence}\n\n${help}`)
  process.exit(2)
}
