import type { Requirements } from './requirement.ts'

export const tokensRequirements = {
  11: {
    rule: 'Of a session secret of 256 bits only the SHA-256 is stored.',
    source: 'ASVS 7.2.3, 11.5.1',
    shownBy: {
      'unit/accounts/at-rest.test.ts': [
        'holds no password, token, code, key or secret as it is',
        'holds nothing that works as a credential, whatever it is shown as',
      ],
    },
  },
  24: {
    rule: 'An access token is verified by one function with everything pinned: algorithm, type, issuer, audience, claims and times.',
    source: 'RFC 8725 §3; RFC 9068; ASVS 9.1.1 to 9.2.4',
    shownBy: {
      'contracts/access-tokens.test.ts': [
        'is an at+jwt of RFC 9068 with ten minutes to live, and our own verify takes it',
        'is refused with %s',
        'ends with its time, ten seconds of clock difference allowed',
        'is verified by the same keys and algorithms',
      ],
    },
  },
  25: {
    rule: 'Keys come from our own set by their kid; what a header says of other keys is not read.',
    source: 'RFC 8725 §3.10; ASVS 9.1.3',
    shownBy: {
      'contracts/access-tokens.test.ts': [
        'asks for no key of the ring when it is not written as ours are',
        'is good wherever the key is known, and nowhere else',
        'is refused with %s',
      ],
      'unit/accounts/signing-keys.test.ts': [
        'looks for a key that it does not know in the store, once a second at most',
      ],
    },
  },
  26: {
    rule: 'Signing keys are next, active or retired, sealed at rest, published, and rotated while requests run.',
    source: 'ASVS 11.1.1, 13.3.1, 13.3.4',
    shownBy: {
      'unit/accounts/signing-keys.test.ts': [
        'refuses no token, whether signed before, during or after',
        'publishes the next key before it signs, and the retired one after',
        'makes one rotation of several that are asked for at once, in one process or in two',
        'keeps a retired key for as long as a token of it may live, and no longer',
        'is followed by other processes: they take the new tokens at once and sign with the new key within a second',
        'is kept sealed, each key for its own row',
        'is for administrators who have just shown their factors',
      ],
      'api/tokens.test.ts': ['has the public keys by which anybody verifies a token, and no private part of them'],
      'e2e/keys-and-secrets.test.ts': ['rotates the keys of a server that runs, and signs nobody out'],
    },
  },
  27: {
    rule: 'An access token lives for five to fifteen minutes and ends with its session; tokens of other kinds are none.',
    source: 'ASVS 9.2.2',
    shownBy: {
      'unit/config.test.ts': ['live for five to fifteen minutes'],
      'contracts/access-tokens.test.ts': ['is refused with %s'],
      'unit/accounts/authentication.test.ts': [
        'refuses an access token after its time, and at once after its session ended',
        'takes a token for what it proves only: a cookie is no bearer token, and a bearer token no cookie or key',
      ],
    },
  },
  28: {
    rule: 'What is revoked (a session, the older tokens of one, all of a user) is refused at once in its process and within a second in others; a process that cannot hear of it trusts nothing that it remembers.',
    source: 'ASVS 7.4.1, 8.3.2',
    shownBy: {
      'unit/accounts/remembered-credentials.test.ts': [
        'is refused at once when its session is signed out, in this process',
        'is refused within a second when its session is signed out in another process',
        'is not remembered by a look-up that was overtaken by a sign-out',
        'is looked up each time while revocations cannot be heard, and so is not trusted longer than it should',
        'is forgotten with all of its user’s when the user is disabled',
      ],
      'unit/accounts/authentication.test.ts': [
        'refuses an access token of an older generation of its session, which lives on',
      ],
      'unit/accounts/revocation-feed.test.ts': [
        'hears those of another process within a second by the log alone, each once',
        'finds in the log what the bus lost, doubled or turned round',
      ],
      'unit/streams/tidy-topics.test.ts': [
        'forgets what was told of sessions and revocations after a day, and nothing before',
      ],
      'unit/accounts/credential-cache.test.ts': [
        'does not come back by a look-up that began before the revocation',
        'is bounded: what was not used for longest goes first',
      ],
    },
  },
  29: {
    rule: 'What is remembered of a token is found by the hash of its one canonical writing, never by another.',
    source: 'RFC 4648 §3.5',
    shownBy: {
      'unit/accounts/remembered-credentials.test.ts': ['is not found by another way of writing it'],
      'contracts/access-tokens.test.ts': ['is refused with %s'],
    },
  },
  30: {
    rule: 'A refresh token is opaque, of 256 bits, stored as a hash, bound to its session and kind of client, used once, and ends with the session.',
    source: 'ASVS 10.4.5, 10.4.8; RFC 9700 §2.2.2, 4.14',
    shownBy: {
      'unit/accounts/refresh-tokens.test.ts': [
        'gives a new pair of tokens of the same session',
        'is refused with another secret, padded, or taken for something else',
        'works for the kind of client that its session was started by',
        'does not outlive the idle time of the session, nor its absolute lifetime',
        'is dead with its session and with its user',
        'gives tokens of the generation that its session has then',
        'is limited by network, whether it is right or not',
      ],
    },
  },
  31: {
    rule: 'A used refresh token that is shown again ends the session, is written down, and its owner is told.',
    source: 'RFC 9700 §4.14.2',
    shownBy: {
      'unit/accounts/refresh-tokens.test.ts': [
        'that is shown again ends the session at once when its successor was used: A gives B, B gives C, A ends all',
        'that was used long ago ends the session, also when its sealed successor is forgotten',
        'tells its owner by mail when it was shown again',
      ],
      'api/tokens.test.ts': ['ends the session of a token that is shown again, as a typed outcome'],
    },
  },
  32: {
    rule: 'Within twenty seconds of its first use a refresh token gives the same successor again; the window is not extended and nothing forks.',
    source: 'RFC 9700 §4.14.2',
    shownBy: {
      'unit/accounts/refresh-tokens.test.ts': [
        'gives ten who ask at once one and the same successor',
        'gives the same successor for twenty seconds after its first use, and asking does not make them longer',
        'has no second life where there is no window of grace',
        'keeps its successor so that only who shows it can read it',
      ],
      'api/tokens.test.ts': ['touches no cookie, whether it works or not'],
    },
  },
  33: {
    rule: 'A session by cookie has no refresh token: nothing of it is visible to scripts.',
    source: 'ASVS 10.1.1',
    shownBy: {
      'unit/accounts/refresh-tokens.test.ts': ['is not there for a session by cookie'],
      'api/accounts.test.ts': ['start a session with a cookie, and keep every secret out of the answer'],
    },
  },
  64: {
    rule: 'Secrets are sealed with AES-256-GCM for their row under a key with an id, which can be rotated; a missing, wrong or guessable root secret stops the start.',
    source: 'ASVS 13.3.1, 11.1.1',
    shownBy: {
      'unit/core/sealer.test.ts': [
        'opens in its own row only',
        'does not open when a single bit of it was changed',
        'opens what they sealed, and seals with the newest',
      ],
      'unit/accounts/root-secret.test.ts': [
        'makes the older root secret superfluous',
        'undoes nothing that is done meanwhile',
        'is not opened with a wrong root secret, which is told in a sentence',
        'is what it was before it was stored where there are users already, and random where there are none',
      ],
      'unit/accounts/at-rest.test.ts': ['holds no password, token, code, key or secret as it is'],
      'unit/config.test.ts': ['is refused in production when it is %s, and is not repeated'],
      'e2e/keys-and-secrets.test.ts': ['is changed without a password being lost, and the old one can be dropped'],
    },
  },
} satisfies Requirements
