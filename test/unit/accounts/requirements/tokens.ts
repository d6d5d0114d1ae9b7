import type { Requirements } from './requirement.ts'

export const tokensRequirements = {
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
} satisfies Requirements
