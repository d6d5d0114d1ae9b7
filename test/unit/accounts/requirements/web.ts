import type { Requirements } from './requirement.ts'

export const webRequirements = {
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
} satisfies Requirements
