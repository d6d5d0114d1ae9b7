import type { Requirements } from './requirement.ts'

export const oauthRequirements = {
  49: {
    rule: 'A sign-in by a provider is the code flow with PKCE, state and nonce, once, within ten minutes, in the browser that began it, by the provider that was chosen, whose iss is checked.',
    source: 'RFC 9700 §2.1, 4.4, 4.5, 4.7; RFC 9207; ASVS 10.1.2, 10.2.1, 10.2.2, 10.5.1',
    shownBy: {
      'contracts/identity-providers.test.ts': [
        'is asked for a code with state, nonce and an S256 challenge',
        'confirms nobody for an answer with %s',
        'confirms nobody a second time for the same answer',
      ],
      'unit/accounts/identities-transactions.test.ts': [
        'is finished in the browser that began it, and in no other',
        'is over after ten minutes',
        'is finished once, of ten at once as well',
        'is not answered by another provider than the one that was chosen, and is used up by that',
        'gets nobody in with %s',
        'is not begun by a token of another kind',
        'gets tokens for the code that the browser brings, by the verifier',
        'gets nothing by a code that it has no verifier for, and nobody does any more',
        'gets one session for a code, of ten tries at once as well',
        'has a minute for it',
      ],
      'api/http/oauth.test.ts': [
        'is signed in by following a link, through the forms of the provider',
        'that did not begin it gets nothing of a sign-in',
        'gets one session for one answer of the provider',
        'is not signed in by an answer with %s',
        'is bound by a cookie of this host alone where the server is reached over https',
        'is open to a page of %s',
        'and back takes no %s, and is not used up by it',
        'gets tokens for the code that the browser brings to its address',
      ],
    },
  },
  50: {
    rule: 'An ID token is believed with a signature of the issuer under an allowed algorithm, and its iss, aud, azp, exp and nonce; the issuer must describe itself under the configured name.',
    source: 'ASVS 10.5.2 to 10.5.4; OpenID Connect Core §3.1.3.7',
    shownBy: {
      'contracts/identity-providers.test.ts': [
        'is believed when everything is in order, also with several audiences of which we are the authorized one',
        'is not believed with %s',
        'is not asked when its description %s',
        'is asked for its description once an hour, however many ask',
      ],
    },
  },
  51: {
    rule: 'Somebody is known by provider and subject; at GitHub by the number, and by the primary address that GitHub has confirmed.',
    source: 'ASVS 6.8.1',
    shownBy: {
      'contracts/identity-providers.test.ts': [
        'confirms somebody with %s',
        'confirms nobody whose account has no number',
      ],
      'unit/accounts/identities-sign-in.test.ts': [
        'finds the account by provider and subject, whatever the provider says of the person later',
        'makes one account of many first sign-ins at once',
      ],
    },
  },
  52: {
    rule: 'An address leads into an account only where a trusted provider has checked it, and never into an administrator’s; an account that nobody confirmed is emptied of everything that could let somebody else in. All else is linked by hand, with fresh factors.',
    source: 'ASVS 6.8.1',
    shownBy: {
      'contracts/identity-providers.test.ts': ['%s is an authority for %j: %s'],
      'unit/accounts/identities-sign-in.test.ts': [
        'leads into it by a provider that is believed (confirmed here: %s)',
        'does not lead into it $way',
        'keeps password, sessions and factors of an account whose address was confirmed, and asks for the factor',
        'gives nobody an administrator’s account for its address alone',
        'lets nobody into a disabled account, and changes nothing of it',
        'is out with everything that they prepared once its owner comes by a provider',
      ],
      'unit/accounts/identities-links.test.ts': [
        'lets the user sign in by it from then on, whatever address they have there',
        'is refused for what is linked to somebody else',
        'is for the session that asked, not for whoever is in the browser when it comes back',
        'asks for factors that were shown within five minutes',
      ],
      'api/http/oauth.test.ts': ['is not let into an account by an address that the provider has not checked'],
    },
  },
  53: {
    rule: 'A sign-in leads back to the app, this server or a listed address only. What a provider gives to act for its user is kept nowhere. Providers are asked within ten seconds, without following redirects, and at no private address unless that is allowed.',
    source: 'RFC 9700 §4.11; OWASP SSRF Prevention Cheat Sheet',
    shownBy: {
      'unit/accounts/identities-redirects.test.ts': [
        'is taken where it is ours or listed: %s',
        'is refused anywhere else: %j',
      ],
      'api/http/oauth.test.ts': ['is no way anywhere else: %s'],
      'unit/accounts/identities-transactions.test.ts': [
        'leaves nothing in the store by which it could be finished, or by which the provider could be asked',
      ],
      'contracts/identity-providers.test.ts': [
        'is not waited for: what takes longer than the deadline has failed, also when it drips',
        'is not followed when it redirects a request that carries the client’s secret',
        'are not reached without leave: %s',
        'is public only on the internet: %s',
      ],
    },
  },
  54: {
    rule: 'The last way to sign in cannot be unlinked.',
    source: 'house rule',
    shownBy: {
      'unit/accounts/identities-links.test.ts': [
        'is refused for the last way in, and leaves it',
        'works beside %s',
        'does not count a provider that is not set up any more',
        'leaves one of two that are unlinked at once',
      ],
      'api/http/oauth.test.ts': ['keeps the last way in'],
    },
  },
} satisfies Requirements
