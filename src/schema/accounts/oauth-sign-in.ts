import { exchangeOAuthCode } from '../../resolvers/accounts/exchange-oauth-code.ts'
import { type OAuthStart, startOAuthSignIn } from '../../resolvers/accounts/start-oauth-sign-in.ts'
import type { Builder } from '../builder.ts'
import { refusalTypeName } from '../refusals.ts'
import { checksCredential } from './checks-credential.ts'
import { entryTypeName } from './mfa-required.ts'
import type { OAuthCodeInputRef } from './oauth-code-input.ts'
import type { EntryParts } from './sign-in.ts'

const directives = { skipAuth: {} }

/** Adds `Mutation.startOAuthSignIn` and `Mutation.exchangeOAuthCode`; gives what a start answers. */
export function addOAuthSignIn(builder: Builder, parts: EntryParts, codeInput: OAuthCodeInputRef) {
  addExchange(builder, parts, codeInput)
  return addStart(builder, parts)
}

function addStart(builder: Builder, { refusals, delivery }: EntryParts) {
  const started = builder.objectRef<OAuthStart>('OAuthStarted').implement({
    description: 'The provider is to be asked now.',
    directives,
    fields: (t) => ({
      authorizationUrl: t.exposeString('authorizationUrl', {
        description: 'Send the browser there, within ten minutes. It comes back to `redirectTo`.',
      }),
    }),
  })

  const input = builder.inputType('StartOAuthSignInInput', {
    description: 'With whom to sign in, and where to go then.',
    fields: (t) => ({
      provider: t.string({ required: true, description: 'The name of a provider, as `authMethods` lists it.' }),
      redirectTo: t.string({
        required: true,
        description:
          'Where the browser comes back to: a path of the app, or an address that is allowed. A page reads the outcome in the fragment, written like a query: nothing when it is signed in, `error` with a code, or `mfa` with the challenge token for `completeMfa`, `methods` with commas between, `expiresAt`, and `passkeyOptions` as JSON where there is a passkey; of a link, `linked` with the provider. A program reads `code` or `error` in the query.',
      }),
      delivery: t.field({
        type: delivery,
        required: true,
        defaultValue: 'COOKIE',
        description: 'How the session is to be proven. COOKIE: in this browser. TOKENS: by `exchangeOAuthCode`.',
      }),
      codeChallenge: t.string({
        description:
          'With TOKENS: the SHA-256, in base64url, of a random verifier of 43 to 128 characters (RFC 7636, S256).',
      }),
    }),
  })

  const result = builder.unionType('StartOAuthSignInResult', {
    description: 'How the beginning of a sign-in by a provider ended.',
    types: [started, refusals.unknownProvider, refusals.providerFailed, refusals.invalidInput, refusals.rateLimited],
    resolveType: (value) => refusalTypeName(value) ?? 'OAuthStarted',
  })

  builder.mutationField('startOAuthSignIn', (t) =>
    t.field({
      type: result,
      directives,
      description:
        'Begins a sign-in by an identity provider. A browser can also follow a link to `/auth/oauth/:provider?redirectTo=…`.',
      args: { input: t.arg({ type: input, required: true, description: 'With whom, and where to go then.' }) },
      resolve: startOAuthSignIn,
    }),
  )

  return started
}

function addExchange(builder: Builder, { refusals, success, mfaRequired }: EntryParts, codeInput: OAuthCodeInputRef) {
  const result = builder.unionType('ExchangeOAuthCodeResult', {
    description: 'How a sign-in by a provider ended.',
    types: [
      success,
      mfaRequired,
      refusals.invalidToken,
      refusals.invalidCredentials,
      refusals.emailNotVerified,
      refusals.linkRequired,
      refusals.identityTaken,
      refusals.signUpClosed,
      refusals.providerFailed,
      refusals.rateLimited,
    ],
    resolveType: entryTypeName,
  })

  builder.mutationField('exchangeOAuthCode', (t) =>
    t.field({
      type: result,
      directives,
      description: checksCredential(
        'Starts a session with tokens for the code that the browser brought back; the one that the request came with ends.',
      ),
      args: {
        input: t.arg({ type: codeInput, required: true, description: 'The code, and what proves that it is yours.' }),
      },
      resolve: exchangeOAuthCode,
    }),
  )
}

export type OAuthStartedRef = ReturnType<typeof addOAuthSignIn>
