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
  16: {
    rule: 'Sessions start and end by an explicit action alone: no link changes anything, but for the way back from a provider.',
    source: 'ASVS 7.6.2, 3.5.2',
    shownBy: {
      'api/http/get-changes-nothing.test.ts': ['starts no session and ends none: %s %s'],
      'api/http/operations.test.ts': ['never runs a mutation that came by GET'],
      'api/http/oauth.test.ts': ['that did not begin it gets nothing of a sign-in'],
    },
  },
  17: {
    rule: 'Signing out by the route has the browser forget what it keeps; no answer about accounts is kept by a cache.',
    source: 'OWASP Session Management Cheat Sheet',
    shownBy: {
      'api/http/sign-out.test.ts': [
        'ends the session, clears the cookie, and has the browser forget what it keeps for this server',
        'cannot be done by a page of another site, nor by a link',
        'are never kept by a cache, whatever they say',
      ],
    },
  },
  18: {
    rule: 'A page of another site changes nothing with the cookie of its visitor, and no mutation comes by GET.',
    source: 'ASVS 3.5.1 to 3.5.3; OWASP CSRF Prevention Cheat Sheet',
    shownBy: {
      'unit/server/http/origin-check.test.ts': ['of $body with $credential lets in exactly $allowed'],
      'api/http/cross-site-matrix.test.ts': [
        'from $sender is answered by its way of coming, and has run where that is 200',
        'is looked at from every kind of sender',
      ],
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
      'api/http/oauth.test.ts': ['is open to a page of %s'],
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
        'is closed with 4408 when it has not introduced itself within three seconds',
        'is closed with 4403 for a token that is not valid, and with 4401 once the session is signed out',
      ],
    },
  },
  23: {
    rule: 'Addresses are believed from configured proxies only, and limits take a network for one.',
    source: 'ASVS 4.1.3',
    shownBy: {
      'api/http/forwarded-for.test.ts': [
        'is not got around by X-Forwarded-For, whatever it holds',
        'is by the address that a trusted proxy saw, not by what its client wrote before',
        'takes all addresses of one IPv6 network for one',
      ],
      'unit/server/http/client-ip.test.ts': ['behind trusted proxies with %s'],
      'unit/accounts/limiter-keys.test.ts': ['is the same for every address of one /64 and of one /24'],
    },
  },
  55: {
    rule: 'An operation checks one credential at most and is bounded in aliases, depth and directives.',
    source: 'OWASP GraphQL Cheat Sheet; ASVS 4.3.1',
    shownBy: {
      'unit/gate/one-credential-field.test.ts': ['are refused: %s'],
      'api/credential-fields.test.ts': [
        'are all that take a credential, and no others',
        'leave out no argument that looks like a credential under another name',
      ],
      'transports/many-credentials.test.ts': [
        'has none of them tried: %s',
        'cannot hold several operations, nor name one that the server keeps',
        'has no more attempts than as many requests would have',
      ],
      'unit/gate/limits.test.ts': [
        'allow 10 levels of fields',
        'allow 15 aliases, counted as often as their fragment is spread',
        'allow 30 directives, wherever they stand',
      ],
      'api/accounts.test.ts': ['of a thousand aliased sign-ins try none of them'],
    },
  },
  56: {
    rule: 'In production strangers neither read the schema nor guess it from suggestions, unless the operator says so.',
    source: 'ASVS 4.3.2, 13.4.5',
    shownBy: {
      'transports/schema-privacy.test.ts': [
        'is private by default, and open where its operator says so',
        'is not told to strangers over %s, nor guessed from suggestions',
      ],
      'api/http/headers.test.ts': ['is closed to strangers where GraphiQL is off, suggestions included'],
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
      'api/every-field.test.ts': [
        'has been decided about, if it is one of the root types',
        'is answered by the gate as was decided and as the printed schema says, for %s',
      ],
      'api/second-lock.test.ts': ['refuse for themselves what is not for %s'],
    },
  },
  59: {
    rule: 'No password, code, token or key is in the log, whatever becomes of the request; a text that may hold one is not kept.',
    source: 'ASVS 16.2.5',
    shownBy: {
      'api/secrets-in-logs.test.ts': [
        'holds no secret of what succeeds',
        'holds no secret of what is refused, in variables or in the text, over HTTP or a socket',
        'holds no secret of what fails on our side',
      ],
      'api/credential-fields.test.ts': ['are known by their texts, which are not kept'],
      'unit/server/graphql/document-cache.test.ts': ['keeps no text that is long or holds a secret'],
    },
  },
  63: {
    rule: 'What ends a credential ends its sockets, event streams and polls within a second, in every process.',
    source: 'ASVS 7.4.1, 8.3.2',
    shownBy: {
      'unit/server/streams/groups/subscriber.test.ts': [
        'sends nothing any more once it was ended or has failed',
        'passes on a failure from before it began',
      ],
      'unit/server/streams/poll-subscription.test.ts': ['gives nothing to who may see nothing more: %s'],
      'transports/credential-ends.test.ts': [
        'is closed by %s with %i, without a `complete` for its streams, when %s of them are told',
        'tells %s without an id, and completes',
        'is answered with 401 by %s while it waits',
        'is one for each socket and one for each stream, and none is left when they are over',
      ],
      'transports/revocation.test.ts': [
        'end within a second on every transport with %s',
        'outlast the end of other sessions, of the same user and of others',
        'end within a second on every transport when the key is revoked, and others do not',
      ],
      'transports/token-expiry.test.ts': [
        'ends its streams on every transport within a second',
        'is replaced by the client on every transport, which sees each event of the job once and in order',
      ],
      'transports/client-credentials.test.ts': ['goes on with the next one, and no event is lost or comes twice'],
      'e2e/revocation.test.ts': ['is thrown out of every stream within a second, and nobody else is'],
    },
  },
} satisfies Requirements
