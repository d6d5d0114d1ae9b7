import type { Requirements } from './requirement.ts'

export const passwordsRequirements = {
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
  65: {
    rule: 'There are no default accounts: the first administrator signs up with a token that works once.',
    source: 'ASVS 6.3.2',
    shownBy: {
      'unit/accounts/setup-token.test.ts': ['makes an administrator once', 'has one winner when ten use it at once'],
    },
  },
} satisfies Requirements
