import type { Requirements } from './requirement.ts'

export const mailRequirements = {
  8: {
    rule: 'Whether an address has an account is not told by signing up, nor by asking for a mail: not by the answer, and not by what is done for it.',
    source: 'ASVS 6.3.8; OWASP Forgot Password Cheat Sheet',
    shownBy: {
      'unit/accounts/sign-up-verification.test.ts': [
        'answers a taken address the same, at the same cost, and tells its owner alone',
      ],
      'unit/accounts/mail-enumeration.test.ts': [
        'in the answer, in what is done for it, or in what is kept',
        'by a limit: it is the same for each',
        'in the answer, or in what is done for it',
      ],
      'api/mail-flows.test.ts': ['are asked for with the same bytes whether or not there is such an account'],
    },
  },
  10: {
    rule: 'A link to reset a password is a secret of 256 bits of which a hash is kept, works once and for an hour, ends with a newer one or a change, signs nobody in and leaves the second factor to be asked for.',
    source: 'ASVS 6.4.1, 6.4.3; OWASP Forgot Password Cheat Sheet',
    shownBy: {
      'unit/accounts/password-reset.test.ts': [
        'keeps of the link a hash alone, and of the mail nothing that can be read',
        'works once, for an hour, and not with an older link',
        'has one winner when one link is used twenty times at once',
        'voids the link when the password is changed otherwise',
        'leaves the second factor to be asked for',
        'sets it by a link in a mail, confirms the address, ends all sessions and signs nobody in',
      ],
      'unit/accounts/email-change.test.ts': ['voids links to the old address'],
      'unit/accounts/mail-token-attacks.test.ts': [
        'refuses everything that is no token of its own with one sentence, and hashes nothing for it',
      ],
    },
  },
  66: {
    rule: 'A change of the email address asks for fresh factors, is confirmed at the new address, and can be taken back from the old one.',
    source: 'OWASP Authentication Cheat Sheet, changing an email address',
    shownBy: {
      'unit/accounts/email-change.test.ts': [
        'is confirmed at the new address, and told to the old one with the way back',
        'asks for factors that were shown within five minutes',
        'asks for both factors where there are two',
        'gives the account its old address, ends all sessions and tells both',
        'cannot be cut off by changing the address once more',
      ],
      'api/mail-flows.test.ts': ['change an address, and take that back'],
    },
  },
  67: {
    rule: 'Deleting an account removes its credentials and ends its sessions at once; the audit log keeps an id that says nothing.',
    source: 'ASVS 7.4.2; GDPR Article 17',
    shownBy: {
      'unit/accounts/account-deletion.test.ts': [
        'removes the user with all credentials, ends sessions and keys at once, and tells the address',
        'leaves an id in the audit log, and nothing else that says who it was',
      ],
      'contracts/delete-user.test.ts': ['goes with them, and leaves what belongs to others'],
      'api/mail-flows.test.ts': ['follow the end of an account, with which its cookie goes'],
    },
  },
} satisfies Requirements
