import type { Requirements } from './requirement.ts'

export const passwordsRequirements = {
  1: {
    rule: 'A password has 15 to 256 code points; 8 are enough with a second factor.',
    source: 'NIST SP 800-63B-4 §3.1.1.2; ASVS 6.2.1, 6.2.9',
    shownBy: {
      'unit/accounts/password-policy.test.ts': [
        'refuses %j',
        'takes 256 emoji and counts code points of the form that is hashed',
        'asks for 8 characters where there is a second factor, and refuses %j',
      ],
      'unit/accounts/change-password.test.ts': ['takes eight characters where a second factor is asked for as well'],
      'contracts/password-hasher.test.ts': ['tell passwords apart that bcrypt alone would not'],
    },
  },
  2: {
    rule: 'There is no rule about kinds of characters, no expiry and no hint.',
    source: 'NIST SP 800-63B-4; ASVS 6.2.5, 6.2.10, 6.4.2',
    shownBy: {
      'unit/accounts/password-policy.test.ts': ['asks for no kinds of character: %j'],
      'api/no-password-rules.test.ts': ['has nothing in it for hints, secret questions or passwords that expire'],
    },
  },
  3: {
    rule: 'Common and guessable passwords, those made of known words, and those of a breach are refused with a reason.',
    source: 'ASVS 6.2.4, 6.2.11, 6.2.12',
    shownBy: {
      'unit/accounts/password-policy.test.ts': [
        'refuses %j',
        'refuses what is on the list of known passwords, after its own rules',
        'answers in a bounded time for the costliest texts',
        'judges no more passwords for one account than may be, as that costs time',
      ],
      'contracts/password-blocklist.test.ts': [
        'holds the passwords of its lines, in any order, and no others',
        'takes SHA-1 hashes as Have I Been Pwned gives them out, with counts or without',
      ],
    },
  },
  4: {
    rule: 'A password is verified as it was received, but for one Unicode normalisation.',
    source: 'ASVS 6.2.8',
    shownBy: {
      'unit/accounts/sign-in.test.ts': ['takes the password exactly as it was set'],
      'unit/accounts/password-policy.test.ts': ['is taken as it is, unless no account can have it'],
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
      'unit/accounts/sign-in-limits.test.ts': [
        'let five of a thousand attempts at once through to the hasher',
        'do not count an attempt that nobody had the time to check',
      ],
    },
  },
  7: {
    rule: 'Every failure of a sign-in has the same answer and the same cost.',
    source: 'ASVS 6.3.8',
    shownBy: {
      'unit/accounts/sign-in.test.ts': [
        'answers every failure with the same bytes and one check with the same parameters',
        'takes no longer way for an account that is there: one look-up, one count, one hash, one line',
        'writes every failure down with its reason, which is told to nobody',
        'tells who knows the password, and nobody else, that the address is not confirmed',
      ],
      'api/accounts.test.ts': ['of a sign-in are the same bytes for every reason'],
    },
  },
  9: {
    rule: 'A change of the password needs the present one, ends the other sessions and is told by mail.',
    source: 'ASVS 6.2.3, 7.4.3, 6.3.7',
    shownBy: {
      'unit/accounts/change-password.test.ts': [
        'sets the new one, ends all other sessions and gives the present one new credentials',
        'hands over new tokens where the session is proven by tokens, and ends the old family',
        'needs the present password, with one check and one answer whatever is wrong with it',
        'lets who has no password set one after showing a factor lately, and asks for one otherwise',
        'makes open challenges and links to reset the password void',
      ],
      'api/accounts.test.ts': ['change the password and go on with a new cookie'],
    },
  },
  12: {
    rule: 'Every sign-in starts a new session, and the one that it came with ends with it; a new password, a first factor and a step-up renew its credentials.',
    source: 'ASVS 7.2.4; OWASP Session Management Cheat Sheet',
    shownBy: {
      'unit/accounts/sign-in.test.ts': [
        'starts a new session each time',
        'ends the session that came with the request, so that a planted cookie is worth nothing',
      ],
      'unit/accounts/change-password.test.ts': [
        'sets the new one, ends all other sessions and gives the present one new credentials',
      ],
      'unit/accounts/complete-mfa.test.ts': [
        'starts a session with both factors shown',
        'ends the session that the request came with',
      ],
      'unit/accounts/step-up.test.ts': ['gives the session new credentials and leaves it the same session'],
      'unit/accounts/totp.test.ts': ['counts from a right code on, which is then used, and renews the session'],
      'api/accounts.test.ts': ['end the session that a sign-in came with'],
      'api/mfa.test.ts': ['are shown again by a step-up, which gives a new cookie'],
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
  15: {
    rule: 'The owner sees the sessions, with what was shown for them, and ends one, the others or all.',
    source: 'ASVS 7.5.2, 7.4.5',
    shownBy: {
      'unit/accounts/sessions.test.ts': ['are listed newest first, without those that ended, expired or idled out'],
      'unit/accounts/sign-out.test.ts': [
        'ends one of them, once, and with it all that proves it',
        'takes the session of somebody else for none at all',
        'ends all others and says how many',
        'ends every one, the present one as well',
      ],
      'unit/accounts/authentication.test.ts': ['refuses a disabled user by cookie and by token'],
      'api/accounts.test.ts': [
        'show how a session came about',
        'end one session, the others, and all, with the cookie of the present one',
      ],
    },
  },
  60: {
    rule: 'Attempts are limited by account, by network and by both, in the store; a known browser is not kept out by others.',
    source: 'NIST SP 800-63B-4 §3.2.2; ASVS 6.1.1, 6.3.1; OWASP Authentication Cheat Sheet',
    shownBy: {
      'unit/accounts/credential-failures.test.ts': [
        'wait after each ten, twice as long each time, up to a day',
        'are never more than a hundred in a row',
        'let exactly as many of a thousand at once begin, over two connections to one database',
      ],
      'unit/accounts/sign-in-limits.test.ts': [
        'stop one network at an account after five failures, before anything is hashed',
        'stop everybody at an account after ten failures from many networks, longer each time',
        'do not lock the owner out of a browser that is known, however often others fail',
        'hold by network over all accounts, a whole /64 as one',
        'let five of a thousand attempts at once through to the hasher',
        'are shared by all who use one database',
      ],
      'unit/accounts/limiter-keys.test.ts': ['is the same for every address of one /64 and of one /24'],
      'unit/accounts/sign-up-verification.test.ts': [
        'sends the owner of an address no more mails than anybody may ask for, and answers the same',
      ],
      'api/accounts.test.ts': ['of too many attempts say when to come back'],
    },
  },
  61: {
    rule: 'While the store cannot count failures, few attempts are let through, and nobody unchecked.',
    source: 'ASVS 16.5.3',
    shownBy: {
      'unit/accounts/credential-failures.test.ts': ['are counted in memory, with few attempts, while the store cannot'],
      'unit/accounts/sign-in-limits.test.ts': [
        'let nobody in unchecked while the store cannot count, and few be checked',
      ],
    },
  },
  65: {
    rule: 'There are no default accounts: the first administrator signs up with a token that works once.',
    source: 'ASVS 6.3.2',
    shownBy: {
      'unit/accounts/setup-token.test.ts': [
        'makes an administrator once',
        'has one winner when ten use it at once',
        'is the same for everyone who asks one server, and a new one after a restart',
      ],
    },
  },
} satisfies Requirements
