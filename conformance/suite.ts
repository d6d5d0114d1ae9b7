import type { Check } from './bench.ts'
import { answerChecks } from './checks/answers.ts'
import { credentialChecks } from './checks/credentials.ts'
import { cursorChecks } from './checks/cursors.ts'
import { gapChecks } from './checks/gaps.ts'
import { pollChecks } from './checks/poll.ts'
import { sseChecks } from './checks/sse.ts'
import { stockClientChecks } from './checks/stock-clients.ts'
import { switchingChecks } from './checks/switching.ts'
import { wsOperationChecks } from './checks/ws-operations.ts'
import { wsProtocolChecks } from './checks/ws-protocol.ts'

/** Everything that a server is checked for. */
export const suite: readonly Check[] = [
  ...cursorChecks,
  ...answerChecks,
  ...gapChecks,
  ...credentialChecks,
  ...wsProtocolChecks,
  ...wsOperationChecks,
  ...sseChecks,
  ...pollChecks,
  ...switchingChecks,
  ...stockClientChecks,
]

/** The section of docs/protocol.md that the rules of a letter stand in. */
export const sections: Readonly<Record<string, string>> = {
  C: 'Cursors',
  R: 'Asking to resume',
  A: 'What an answer carries',
  E: 'The end of a log',
  G: 'When a cursor cannot be honoured',
  W: 'WebSocket',
  S: 'Server-sent events',
  P: 'Long polling',
  T: 'Changing the transport',
  U: 'Credentials',
  L: 'Limits',
}
