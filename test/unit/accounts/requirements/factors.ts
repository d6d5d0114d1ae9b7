import type { Requirements } from './requirement.ts'

export const factorsRequirements = {
  37: {
    rule: 'TOTP has secrets of 160 bits, sealed at rest; a code works once, the one that enrols included; the window is the present step and the previous one, unless set otherwise; five failures a challenge, ten an account in 15 minutes.',
    source: 'RFC 6238 §5.2; ASVS 6.5.1, 6.5.3, 6.5.5, 6.6.3',
    shownBy: {
      'contracts/totp-codes.test.ts': [
        'are those of RFC 6238 at %d seconds',
        'have secrets of 160 random bits',
        'are taken in the window "%s" and not outside of it',
        'are not taken for a step that is not after the one that was used',
      ],
      'unit/accounts/totp.test.ts': [
        'counts from a right code on, which is then used, and renews the session',
        'does not open under another user, or when it was changed',
      ],
      'unit/accounts/complete-mfa.test.ts': [
        'takes the code of the step before, and no older one after a newer one',
        'takes a code once, whoever has seen it',
        'gives exactly one session to ten who answer one challenge at once',
        'gives exactly one session to two concurrent challenges with one code',
        'can be tried five times, counted before they are checked, however many come at once',
        'can fail ten times in all challenges of an account, then not for 15 minutes, also after a restart',
      ],
      'unit/accounts/step-up.test.ts': [
        'uses a code up for signing in as well',
        'counts its failures with those of signing in',
      ],
    },
  },
  38: {
    rule: 'An authenticator app is set up in two steps; its secret and QR code are shown once and by no query.',
    source: 'ASVS 6.5.1',
    shownBy: {
      'unit/accounts/totp.test.ts': [
        'shows the secret once, and makes no factor of it before a code was right',
        'waits ten minutes for the code and takes the newest secret only',
        'is not begun over one that works, nor confirmed twice',
      ],
      'contracts/totp-codes.test.ts': ['is the same as a QR code, for %s'],
      'api/mfa.test.ts': ['are set up in two steps, which give the session a new cookie and the codes to write down'],
    },
  },
  39: {
    rule: 'There are ten recovery codes of 60 bits, stored as HMACs under a secret key; each works once, which its owner is told; how many are left can be seen, and a new set, which voids the old one, asks for a step-up.',
    source: 'ASVS 6.4.4, 6.5.1, 6.5.2, 6.5.4',
    shownBy: {
      'unit/accounts/recovery-codes.test.ts': [
        'has ten of sixty random bits, in groups that can be read out',
        'is stored as something else for every key and every user',
        'are in no column of the database, and nothing in it works as one',
        'let in once each, in place of the factor, and the owner is told',
        'have one winner when ten use one at once, in one challenge or in several',
        'can be made anew, which voids the old ones, and the owner is told',
        'are made anew for two factors that were shown within five minutes, and for nobody without a factor',
      ],
    },
  },
  40: {
    rule: 'Whoever has a second factor is asked for it after every first one; a passkey with user verification is two.',
    source: 'ASVS 6.3.4; OWASP Multifactor Authentication Cheat Sheet',
    shownBy: {
      'unit/accounts/complete-mfa-entries.test.ts': [
        'by %s with %s enrolled is asked for a second factor, or has none',
        'by a passkey with user verification has shown two: %s',
        'with a session, a token or a refresh token from before there was %s is out',
        'comes in by one door: nothing else in accounts starts a session',
      ],
    },
  },
  41: {
    rule: 'Before the second factor there is only a challenge: 256 bits, hashed, for five minutes, bound to the browser where a cookie is wanted, used once.',
    source: 'ASVS 2.3.1, 6.6.2',
    shownBy: {
      'unit/accounts/complete-mfa.test.ts': ['leaves nothing of a session before it: no cookie, no token, no row'],
      'unit/accounts/complete-mfa-challenge.test.ts': [
        'is refused when it is none, of another purpose, or has another secret',
        'is open for five minutes',
        'of a cookie is bound to the browser of the first step',
        'works once',
        'is void when the user was disabled meanwhile',
        'is void when the factors were removed meanwhile',
        'is void when the password was changed meanwhile',
      ],
      'api/mfa.test.ts': [
        'are asked for by sign-in, which gives nothing that works until then',
        'of a browser are not completed in another one, nor where no cookie can be set',
      ],
    },
  },
  42: {
    rule: 'What changes how an account is entered asks for factors that were shown within five minutes, two where there are two, and its owner is told.',
    source: 'ASVS 6.3.7, 7.5.1, 7.5.3',
    shownBy: {
      'unit/accounts/step-up.test.ts': [
        'is open for five minutes after a password, where there is no second factor',
        'asks for two factors where there is a second one: at 5:01 again',
        'gives the session new credentials and leaves it the same session',
        'takes no password where there is a second factor, and hashes nothing',
        'is for the session that it was opened in',
      ],
      'unit/accounts/totp.test.ts': [
        'needs factors that were shown within five minutes',
        'needs two factors that were shown within five minutes',
        'takes the recovery codes with it, tells the owner, and asks for one factor from then on',
      ],
      'unit/accounts/recovery-codes.test.ts': [
        'are made anew for two factors that were shown within five minutes, and for nobody without a factor',
      ],
      'api/accounts-bad-input.test.ts': [
        'asks for factors that were shown within five minutes, says how, and works once they were',
      ],
    },
  },
  43: {
    rule: 'Setting up the first factor ends the sessions that never passed one.',
    source: 'Supabase Auth, InvalidateSessionsWithAALLessThan',
    shownBy: {
      'unit/accounts/totp.test.ts': [
        'ends the sessions that never passed a second factor, and the old cookie of the present one',
        'leaves the sessions that passed one',
      ],
      'unit/accounts/complete-mfa-entries.test.ts': [
        'with a session, a token or a refresh token from before there was %s is out',
      ],
    },
  },
} satisfies Requirements
