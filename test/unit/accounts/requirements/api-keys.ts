import type { Requirements } from './requirement.ts'

export const apiKeysRequirements = {
  34: {
    rule: 'An API key names its kind, its installation and itself; its 160 random bits are stored as a SHA-256 and shown once; a checksum gives mistakes away before anything is looked up.',
    source: 'ASVS 6.5.2',
    shownBy: {
      'unit/accounts/api-keys-text.test.ts': [
        'names its kind, its installation and itself, and nothing else than its secret',
        'has 160 random bits, of which no character is likelier than another',
        'gives every mistake in a single character away',
        'is of one installation, and whole',
      ],
      'unit/accounts/api-keys-management.test.ts': ['tells the owner by mail and the log, and shows the key once'],
      'unit/accounts/api-keys.test.ts': [
        'is refused in one sentence, whatever is wrong with it',
        'costs a network that guesses its welcome, and nobody who holds a good key',
      ],
    },
  },
  35: {
    rule: 'An API key has some of its owner’s scopes and none that they have lost, may expire, may be bound to addresses, has a rate of its own, notes its last use, is revoked at once and replaced with an overlap, and ends with its owner.',
    source: 'ASVS 10.3.2, 8.2.1',
    shownBy: {
      'unit/accounts/api-keys.test.ts': [
        'gives no scope that the owner has lost, until they have it again',
        'ends when it is revoked and when its owner is disabled, in every process',
        'ends at its expiry although it is remembered',
        'is held to the addresses of the key with every request',
        'is held to the rate of the key, %i a minute, remembered or not',
        'is noted as a use by the process that ends, at the latest',
        'is noted as a use in few writes, the last one of each key',
      ],
      'unit/accounts/api-keys-management.test.ts': [
        'gives a key no scope that its owner has not',
        'allows fifty keys, however many are asked for at once',
        'makes a new one with the same settings, and lets the old one live on for the overlap',
        'is done by one of several at once',
        'gives no key a longer life than it had',
      ],
      'api/api-keys.test.ts': [
        'are made, listed, used, rotated and revoked',
        'reach what their scopes say, and nothing more',
        'wait when they have had their requests of the minute',
        'are held to their addresses',
      ],
    },
  },
  36: {
    rule: 'No API key can select a mutation of accounts, or is ever fresh enough for what is guarded; keys come in headers alone.',
    source: 'ASVS 7.2.2',
    shownBy: {
      'api/api-keys.test.ts': [
        'can never select $name',
        'cannot hide an account mutation beside one that it may select',
      ],
      'api/http/api-key-in-headers.test.ts': ['is taken from headers, and from nowhere else'],
      'unit/accounts/api-keys.test.ts': [
        'makes a principal that has shown no factor and holds the scopes of the key',
        'never falls through to a session that came along',
      ],
      'unit/accounts/api-keys-management.test.ts': [
        'is refused to nobody, to API keys, and to whoever has not shown their factors lately',
      ],
      'unit/accounts/administration.test.ts': ['lets an API key with the scope read, and change nothing'],
    },
  },
  62: {
    rule: 'What happens to accounts is written down, append-only and without secrets, shown to whom it is about and to administrators, exported, and kept as long as the operator asks for.',
    source: 'ASVS 16.2.1, 16.3.1-16.3.3',
    shownBy: {
      'unit/accounts/audit-queries.test.ts': [
        'shows somebody what is about them, and nothing else',
        'shows who tried to come in, from where',
        'tells somebody what an administrator did, but not which one, and from where',
        'shows administrators everything, or what is about one user or of one kind',
        'has no secret in it',
        'is only ever appended to: no method of the port and no statement changes a line',
        'goes back from the newest event to a moment, over many pages',
      ],
      'unit/accounts/administration.test.ts': ['writes down who did what to whom'],
      'unit/accounts/administration-sweep.test.ts': ['keeps the audit log as long as the operator asks for'],
      'api/administration.test.ts': ['shows what happened, to administrators and to whom it happened'],
    },
  },
} satisfies Requirements
