/** A rule that accounts keep, where it comes from, and the tests that show it. */
export interface Requirement {
  readonly rule: string
  readonly source: string
  /** The test file, from `test/` on, and the titles in it. */
  readonly shownBy: Readonly<Record<string, readonly string[]>>
}

/** The rules by their numbers. A number is never given to another rule. */
export const requirements: Readonly<Record<number, Requirement>> = {
  1: {
    rule: 'A password has 15 to 256 code points.',
    source: 'NIST SP 800-63B-4 §3.1.1.2; ASVS 6.2.1, 6.2.9',
    shownBy: {
      'unit/accounts/password-policy.test.ts': [
        'refuses %j',
        'takes 256 emoji and counts code points of the form that is hashed',
      ],
      'contracts/password-hasher.test.ts': ['tell passwords apart that bcrypt alone would not'],
    },
  },
  2: {
    rule: 'There is no rule about kinds of characters, no expiry and no hint.',
    source: 'NIST SP 800-63B-4; ASVS 6.2.5, 6.2.10, 6.4.2',
    shownBy: { 'unit/accounts/password-policy.test.ts': ['asks for no kinds of character: %j'] },
  },
  3: {
    rule: 'Common and guessable passwords, and those made of known words, are refused with a reason.',
    source: 'ASVS 6.2.4, 6.2.11, 6.2.12',
    shownBy: {
      'unit/accounts/password-policy.test.ts': ['refuses %j', 'answers in a bounded time for the costliest texts'],
    },
  },
  4: {
    rule: 'A password is verified as it was received, but for one Unicode normalisation.',
    source: 'ASVS 6.2.8',
    shownBy: {
      'unit/accounts/sign-in.test.ts': ['takes the password exactly as it was set'],
      'contracts/password-hasher.test.ts': [
        'tell passwords apart that bcrypt alone would not',
        'take the two ways of writing one letter for the same',
      ],
    },
  },
  5: {
    rule: 'Hashes say how they were made, are bounded in cost, and are renewed when they are old.',
    source: 'ASVS 11.4.2; OWASP Password Storage Cheat Sheet',
    shownBy: {
      'contracts/password-hasher.test.ts': [
        'say of themselves how they were made',
        'match nothing and cost no more when the stored text is not one of ours (case %#)',
        'are to be made anew when the cost has changed',
      ],
      'unit/accounts/sign-in.test.ts': ['makes the stored hash anew when it is of an older cost'],
    },
  },
  6: {
    rule: 'Hashing leaves the event loop free and has a bounded queue.',
    source: 'OWASP Authentication Cheat Sheet',
    shownBy: {
      'contracts/password-hasher.test.ts': [
        'are made a few at a time; who comes when all places are taken is told at once',
        'leave the event loop free',
      ],
      'unit/accounts/sign-in.test.ts': ['lets five of a thousand attempts at once through to the hasher'],
    },
  },
  7: {
    rule: 'Every failure of a sign-in has the same answer and the same cost.',
    source: 'ASVS 6.3.8',
    shownBy: {
      'unit/accounts/sign-in.test.ts': [
        'answers every failure with the same bytes and one check with the same parameters',
      ],
      'api/accounts.test.ts': ['of a sign-in are the same bytes for every reason'],
    },
  },
  11: {
    rule: 'Of a session secret of 256 bits only the SHA-256 is stored.',
    source: 'ASVS 7.2.3, 11.5.1',
    shownBy: {
      'unit/accounts/at-rest.test.ts': [
        'holds no password, token or secret as it is',
        'holds nothing that works as a credential',
      ],
    },
  },
  12: {
    rule: 'Every sign-in starts a new session, and the one that it came with ends with it.',
    source: 'ASVS 7.2.4; OWASP Session Management Cheat Sheet',
    shownBy: {
      'unit/accounts/sign-in.test.ts': [
        'starts a new session each time',
        'ends the session that came with the request, so that a planted cookie is worth nothing',
      ],
      'api/accounts.test.ts': ['end the session that a sign-in came with'],
    },
  },
  13: {
    rule: 'The cookie is bound to this host, HttpOnly, SameSite and, on https, Secure; no secret is in the answer with it.',
    source: 'ASVS 3.3.1 to 3.3.4',
    shownBy: {
      'api/http/operations.test.ts': [
        'is set on plain http without the prefix that needs https',
        'is Secure and bound to the host on https',
      ],
      'unit/server/http/session-cookie.test.ts': [
        'gives the cookie the lifetime of the session',
        'has the prefix that browsers hold to only where it can be Secure',
      ],
      'api/accounts.test.ts': ['start a session with a cookie, and keep every secret out of the answer'],
    },
  },
  14: {
    rule: 'A session ends when it is idle, and in any case after its lifetime.',
    source: 'ASVS 7.1.1, 7.3.1, 7.3.2',
    shownBy: {
      'unit/accounts/authentication.test.ts': [
        'ends a session that is not used for the idle time',
        'ends a session after its absolute lifetime, however much it is used',
      ],
    },
  },
  18: {
    rule: 'A page of another site changes nothing with the cookie of its visitor, and no mutation comes by GET.',
    source: 'ASVS 3.5.1 to 3.5.3; OWASP CSRF Prevention Cheat Sheet',
    shownBy: {
      'unit/server/http/origin-check.test.ts': ['of $body with $credential lets in exactly $allowed'],
      'api/http/foreign-pages.test.ts': [
        'cannot post with its visitor’s cookie, and nothing runs',
        'cannot send a form of type %s',
        'cannot upload',
      ],
      'api/http/operations.test.ts': ['never runs a mutation that came by GET'],
    },
  },
  19: {
    rule: 'A page of another site cannot sign its visitor in as somebody else.',
    source: 'OWASP CSRF Prevention Cheat Sheet, login forms',
    shownBy: {
      'api/http/foreign-pages.test.ts': ['cannot sign its visitor in as somebody else, though no cookie goes along'],
    },
  },
  20: {
    rule: 'Only pages of listed origins may read answers; each origin is compared as a whole.',
    source: 'ASVS 3.4.2',
    shownBy: {
      'unit/server/http/origin-check.test.ts': ['knows its own origin, the listed ones and callers without one'],
      'api/http/foreign-pages.test.ts': [
        'is not let through the preflight',
        'is let through the preflight',
        'cannot read what it asks by GET',
        'may post with the cookie and read the answer',
      ],
    },
  },
  21: {
    rule: 'Every answer, also a refusal of what is no request of ours, has the headers of safety and names no software.',
    source: 'ASVS 3.4.1 to 3.4.8, 13.4.6',
    shownBy: {
      'api/http/headers.test.ts': [
        'carries the headers of safety and a request id: %s',
        'asks for https in future where the server is reached over https',
        'is given even to what is not HTTP',
        'to an upgrade that is refused carries the headers of safety, too',
      ],
      'api/http/server.test.ts': ['are served with a nonce of their own and the scripts that they load'],
      'api/http/downloads.test.ts': ['has the bytes, and headers under which they can do no harm'],
    },
  },
  22: {
    rule: 'A WebSocket is opened for allowed origins only, and runs nothing before it has said in time who it is for.',
    source: 'ASVS 4.4.2 to 4.4.4',
    shownBy: {
      'transports/ws.test.ts': [
        'is refused to a page of a foreign origin before it is opened',
        'that does not introduce itself in time is closed with 4408',
        'that subscribes before it was acknowledged is closed with 4401, and one that introduces itself twice with 4429',
        'is told by connection_init, else by the headers of the upgrade',
      ],
      'transports/app-streams.test.ts': [
        'is refused to a page of another origin',
        'is closed with 4403 for a token that is not valid, and with 4401 once the session is signed out',
      ],
    },
  },
  24: {
    rule: 'A token is verified with everything pinned.',
    source: 'RFC 8725 §3; RFC 9068; ASVS 9.1.1 to 9.2.4',
    shownBy: { 'contracts/access-tokens.test.ts': ['is refused with %s'] },
  },
  27: {
    rule: 'An access token lives for ten minutes and ends with its session.',
    source: 'ASVS 9.2.2',
    shownBy: {
      'contracts/access-tokens.test.ts': ['is an EdDSA at+jwt with ten minutes to live, and our own verify takes it'],
      'unit/accounts/authentication.test.ts': [
        'refuses an access token after its time, and at once after its session ended',
      ],
    },
  },
  55: {
    rule: 'An operation checks one credential at most and is bounded in aliases, depth and directives.',
    source: 'OWASP GraphQL Cheat Sheet; ASVS 4.3.1',
    shownBy: {
      'unit/gate/one-credential-field.test.ts': ['are refused: %s'],
      'unit/gate/limits.test.ts': [
        'allow 10 levels of fields',
        'allow 15 aliases, counted as often as their fragment is spread',
        'allow 30 directives, wherever they stand',
      ],
      'api/accounts.test.ts': ['of a thousand aliased sign-ins try none of them'],
    },
  },
  57: {
    rule: 'An error of ours is told by its request id alone; an expected refusal is a typed result.',
    source: 'ASVS 16.5.1',
    shownBy: {
      'api/http/headers.test.ts': [
        'is told by its request id only, which the log has with the real error',
        'is masked in %s, too',
      ],
      'unit/server/graphql/mask-error.test.ts': [
        'logs what really happened, once, also when the error comes by again',
        'hides a value of ours that does not fit the schema',
      ],
      'transports/resume.test.ts': ['masks the error of an event, and goes on'],
      'api/accounts.test.ts': ['of a sign-up are members of its union, told in full'],
    },
  },
  58: {
    rule: 'Every field has an access rule that holds however the field is reached.',
    source: 'ASVS 8.2.1 to 8.2.3',
    shownBy: {
      'unit/gate/gate.test.ts': ['does not let a guarded field be read through an interface, marked open or not'],
      'unit/gate/assert-schema-guarded.test.ts': [
        'is refused where the guard of an object is missing on its interface',
      ],
      'api/every-field.test.ts': ['is answered by the gate as the printed schema says, for %s'],
    },
  },
  65: {
    rule: 'There are no default accounts: the first administrator signs up with a token that works once.',
    source: 'ASVS 6.3.2',
    shownBy: {
      'unit/accounts/setup-token.test.ts': ['makes an administrator once', 'has one winner when ten use it at once'],
    },
  },
}
