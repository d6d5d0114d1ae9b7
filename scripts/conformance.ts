import { readFileSync } from 'node:fs'
import { parts, type Part } from '../conformance/bench.ts'
import { millraceProfile } from '../conformance/millrace-profile.ts'
import { assertUsable, ProfileMistake, readOperation, readProfile } from '../conformance/read-profile.ts'
import { reportOf, tellOutcome, tellSummary } from '../conformance/report.ts'
import { isFailure, runSuite } from '../conformance/run-suite.ts'
import { signIn } from '../conformance/sign-in.ts'
import { suite } from '../conformance/suite.ts'
import type { Headers, Profile } from '../conformance/target.ts'
import { Violation } from '../conformance/violation.ts'
import { exchange } from '../conformance/wire/http.ts'
import { interruptExitCode, interruptSignal } from './interrupt.ts'
import { readArguments } from './read-arguments.ts'

const help = `npm run conformance -- --url http://host:port/graphql [options]

Checks whether a server keeps the rules of docs/protocol.md, from outside.
  --url URL                the GraphQL endpoint
  --header 'name: value'   sent with each request, the credential among them; can be given more than once
  --email ADDRESS          signs in to a Millrace with the password in MILLRACE_PASSWORD; MILLRACE_TOKEN, an access token
                           or an API key, does without
  --only PART,PART         checks some transports only: ${parts.join(', ')}
  --check ID               makes the checks only whose id begins so; can be given more than once
  --slow                   makes the checks too that take long: heartbeats, readers that stand still
  --patience MS            how long anything may take that must come (10000)
  --large CHARACTERS       the length of a large event's text (30000)
  --json                   writes one JSON document instead of a line for each check
Operations, for a server that is no Millrace. Their variables must have {{topic}}, a name that each check has for itself,
and those of the trigger {{text}}, a text that comes back in the event:
  --subscription TEXT      watches a log that goes on; --variables JSON
  --trigger TEXT           a mutation that makes one more event of it; --trigger-variables JSON
  --profile FILE           a JSON object of all of them, each { "query", "variables" }: subscription, trigger, query;
                           finished (watches a log that ends; {{a.b}} is a member of the data that prepare was answered
                           with), prepare (makes that log), guarded (a subscription that is not for everybody), expire
                           (makes the log forget its events)
A check that fails says what was seen. The exit status is 0 when every MUST holds, 1 when one does not or could not be
seen, 2 when the suite could not run.
`

const { values } = readArguments(
  {
    options: {
      url: { type: 'string' },
      header: { type: 'string', multiple: true, default: [] },
      email: { type: 'string' },
      only: { type: 'string', multiple: true, default: [...parts] },
      check: { type: 'string', multiple: true, default: [''] },
      slow: { type: 'boolean', default: false },
      patience: { type: 'string', default: '10000' },
      large: { type: 'string', default: '30000' },
      json: { type: 'boolean', default: false },
      subscription: { type: 'string' },
      variables: { type: 'string' },
      trigger: { type: 'string' },
      'trigger-variables': { type: 'string' },
      profile: { type: 'string' },
    },
  },
  help,
)

/** Says what is wrong with the command and ends the process. */
function refuse(sentence: string): never {
  console.error(`${sentence}\n\n${help}`)
  process.exit(2)
}

function readUrl(text: string | undefined): string {
  if (text !== undefined && /^https?:/.test(text) && URL.canParse(text)) return text
  return refuse(
    `--url takes an address such as http://localhost:4000/graphql${text === undefined ? '.' : `, not "${text}".`}`,
  )
}

function readNumber(name: string, text: string): number {
  const number = Number(text)
  return Number.isInteger(number) && number > 0
    ? number
    : refuse(`--${name} takes a whole number above 0, not "${text}".`)
}

function readParts(only: readonly string[]): readonly Part[] {
  const given = only.flatMap((text) => text.split(','))
  const unknown = given.find((name) => !parts.some((part) => part === name))
  if (unknown !== undefined) refuse(`--only takes ${parts.join(', ')}, not "${unknown}".`)
  return parts.filter((part) => given.includes(part))
}

function readHeaders(lines: readonly string[]): Headers {
  const pairs = lines.map((line): readonly [string, string] => {
    const [, name = '', value = ''] = /^([!#$%&'*+.^_`|~\w-]+):\s*(.*)$/.exec(line) ?? []
    return name === ''
      ? refuse(`--header takes a line such as 'authorization: Bearer …'.`)
      : [name.toLowerCase(), value]
  })
  return Object.fromEntries(pairs)
}

function chooseProfile(): Profile {
  try {
    const { profile, subscription, variables, trigger } = values
    const own = profile === undefined ? millraceProfile : readProfile(readFileSync(profile, 'utf8'), millraceProfile)
    const chosen = {
      ...own,
      ...(subscription !== undefined && { subscription: readOperation('subscription', subscription, variables) }),
      ...(trigger !== undefined && { trigger: readOperation('trigger', trigger, values['trigger-variables']) }),
    }
    assertUsable(chosen)
    return chosen
  } catch (error) {
    return refuse(error instanceof ProfileMistake ? error.message : `--profile: ${String(error)}`)
  }
}

/** The credential: what the headers have, else a token, else a sign-in. */
async function credentialFor(url: string): Promise<Headers> {
  const given = readHeaders(values.header)
  const { MILLRACE_TOKEN: token, MILLRACE_PASSWORD: password } = process.env
  if (values.email !== undefined) {
    if (password === undefined) refuse('--email needs the password in MILLRACE_PASSWORD.')
    return { ...(await signIn(url, { email: values.email, password }, signal)), ...given }
  }
  return token === undefined || 'authorization' in given ? given : { authorization: `Bearer ${token}`, ...given }
}

/** Throws a `Violation` when nobody answers there. */
async function assertReachable(url: string): Promise<void> {
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  await exchange({ url, method: 'POST', headers, body: '{"query":"{ __typename }"}', signal, patienceMs: 10_000 })
}

const url = readUrl(values.url)
const only = readParts(values.only)
const checks = suite.filter(({ id }) => values.check.some((beginning) => id.startsWith(beginning)))
if (checks.length === 0) refuse('No check has such an id.')
const limits = { patienceMs: readNumber('patience', values.patience), largeText: readNumber('large', values.large) }
const profile = chooseProfile()
const signal = interruptSignal()
try {
  await assertReachable(url)
  const target = { url, headers: await credentialFor(url), profile, ...limits }
  const outcomes = await runSuite({
    target,
    checks,
    only,
    slow: values.slow,
    signal,
    onOutcome: (outcome) => void (values.json || console.log(tellOutcome(outcome))),
  })
  console.log(values.json ? JSON.stringify(reportOf(url, outcomes), null, 2) : tellSummary(outcomes))
  process.exitCode = Number(outcomes.some(isFailure))
} catch (error) {
  if (signal.aborted) process.exit(interruptExitCode(signal))
  if (!(error instanceof Violation)) throw error
  console.error(`${url}: ${error.message}`)
  process.exitCode = 2
}
