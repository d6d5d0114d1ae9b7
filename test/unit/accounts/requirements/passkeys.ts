import type { Requirements } from './requirement.ts'

export const passkeysRequirements = {
  44: {
    rule: 'A challenge of WebAuthn is 32 random bytes, for one purpose, bound to a session or a browser, for five minutes, and used up before anything is verified. That of a second factor is part of the challenge of the sign-in: each answer is counted before it is verified, five at most, and the right one uses the challenge up in the transaction that starts the session.',
    source: 'WebAuthn §7.1, 7.2, 13.4.3; ASVS 6.7.2',
    shownBy: {
      'unit/accounts/passkeys.test.ts': [
        'gives a challenge of 32 random bytes, for five minutes, and a handle that says nothing of the user',
        'takes its challenge once, within its time, in the session that began it',
        'refuses %s and uses the challenge up',
      ],
      'unit/accounts/passkeys-sign-in.test.ts': [
        'has one winner when the same assertion comes ten times at once, and none afterwards',
        'takes an assertion for no other challenge than its own',
        'takes a challenge for five minutes, in the browser that asked for it',
        'takes neither the challenge of a registration nor its response, nor that of a second factor',
      ],
      'unit/accounts/passkeys-counter.test.ts': ['gives one session when the same assertion comes ten times at once'],
      'unit/accounts/complete-mfa-passkey.test.ts': [
        'answers the challenge of the first step, with or without user verification',
        'has one winner when one assertion comes ten times at once, and none for another challenge',
      ],
      'unit/accounts/complete-mfa.test.ts': [
        'can be tried five times, counted before they are checked, however many come at once',
      ],
    },
  },
  45: {
    rule: 'Type, challenge, origin, relying party, presence and, for a first factor, user verification are checked; a page within a page is refused.',
    source: 'WebAuthn §7.1, 7.2',
    shownBy: {
      'contracts/passkey-ceremonies.test.ts': ['refuses %s'],
      'unit/accounts/passkeys-sign-in.test.ts': ['refuses %s, uses the challenge up and writes it down'],
    },
  },
  46: {
    rule: 'A counter must grow once it counts, or else the passkey is flagged; whether it can be backed up never changes.',
    source: 'WebAuthn §6.1.1, 6.1.3, 7.2',
    shownBy: {
      'unit/accounts/passkeys-counter.test.ts': [
        'that %s gives a copy away: it is flagged, told, written down and not accepted any more',
        'that begins to count is held to it from then on',
        'is not believed without a right signature, so that nobody can have somebody else’s passkey flagged',
        'is refused: %s',
      ],
      'unit/accounts/passkeys-sign-in.test.ts': ['keeps up with whether the passkey is backed up'],
    },
  },
  47: {
    rule: 'Users are known to authenticators by 32 random bytes, credential ids are unique, and nobody says who they are to sign in by passkey.',
    source: 'WebAuthn §7.1, 14.6.2, 14.6.3',
    shownBy: {
      'unit/accounts/passkeys.test.ts': [
        'gives a challenge of 32 random bytes, for five minutes, and a handle that says nothing of the user',
        'takes a credential id once, whosever it is',
      ],
      'unit/accounts/passkeys-sign-in.test.ts': [
        'asks for nothing about who it is, and starts a session of two factors',
        'refuses the user handle of somebody else',
        'answers every failure with the same bytes',
      ],
    },
  },
  48: {
    rule: 'No attestation is asked for, algorithms are pinned, passkeys that are there are excluded; their owner names and removes them.',
    source: 'WebAuthn §5.4, 13.4.4',
    shownBy: {
      'contracts/passkey-ceremonies.test.ts': [
        'asks for a discoverable passkey with user verification, of pinned algorithms and without attestation',
        'refuses an attestation of the form %j that brings certificates, without looking at them',
        'refuses an attestation by a certificate that is right in itself, as nobody here vouches for its maker',
      ],
      'unit/accounts/passkeys.test.ts': [
        'keeps what is told of the passkey, and names those that there are already',
        'is changed by its owner only, which is written down',
        'ends its use, takes the recovery codes away with the last factor, and is told and written down',
      ],
      'e2e/passkeys.test.ts': ['does all of it in a real browser, as the example shows'],
    },
  },
} satisfies Requirements
