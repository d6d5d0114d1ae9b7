import { finishIdentityLink, type IdentityChange } from '../../resolvers/accounts/finish-identity-link.ts'
import { startIdentityLink } from '../../resolvers/accounts/start-identity-link.ts'
import { unlinkIdentity } from '../../resolvers/accounts/unlink-identity.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'
import { checksCredential } from './checks-credential.ts'
import type { IdentityRef } from './identity.ts'
import type { OAuthCodeInputRef } from './oauth-code-input.ts'
import type { OAuthStartedRef } from './oauth-sign-in.ts'

export interface IdentityLinkParts {
  readonly refusals: Refusals
  readonly identity: IdentityRef
  readonly started: OAuthStartedRef
  readonly codeInput: OAuthCodeInputRef
}

/** Adds `Mutation.startIdentityLink`, `Mutation.finishIdentityLink` and `Mutation.unlinkIdentity`. */
export function addIdentityLinks(builder: Builder, parts: IdentityLinkParts): void {
  addStart(builder, parts)
  addFinish(builder, parts)
  addUnlink(builder, parts)
}

function addStart(builder: Builder, { refusals, started }: IdentityLinkParts): void {
  const input = builder.inputType('StartIdentityLinkInput', {
    description: 'Which provider to link, and where to go then.',
    fields: (t) => ({
      provider: t.string({ required: true, description: 'The name of a provider, as `authMethods` lists it.' }),
      redirectTo: t.string({
        required: true,
        description:
          'Where the browser comes back to, as in `startOAuthSignIn`: with `#linked=` and the provider, or `#error=CODE`.',
      }),
      codeChallenge: t.string({
        description: 'For a session of delivery TOKENS, as in `startOAuthSignIn`; it ends by `finishIdentityLink`.',
      }),
    }),
  })

  const result = builder.unionType('StartIdentityLinkResult', {
    description: 'How the beginning of a link ended.',
    types: [started, refusals.unknownProvider, refusals.providerFailed, refusals.invalidInput, refusals.rateLimited],
    resolveType: (value) => refusalTypeName(value) ?? 'OAuthStarted',
  })

  builder.mutationField('startIdentityLink', (t) =>
    t.field({
      type: result,
      description:
        'Begins to link an account at a provider to yours, to sign in by it. Asks for factors that were shown within 5 minutes.',
      args: { input: t.arg({ type: input, required: true, description: 'Which provider, and where to go then.' }) },
      resolve: startIdentityLink,
    }),
  )
}

function addFinish(builder: Builder, { refusals, identity, codeInput }: IdentityLinkParts): void {
  const linked = builder.objectRef<IdentityChange>('IdentityLinked').implement({
    description: 'You can sign in by it.',
    fields: (t) => ({
      identity: t.field({ type: identity, description: 'What is linked now.', resolve: (value) => value.identity }),
    }),
  })

  const result = builder.unionType('FinishIdentityLinkResult', {
    description: 'How a link ended.',
    types: [linked, refusals.invalidToken, refusals.identityTaken, refusals.rateLimited],
    resolveType: (value) => refusalTypeName(value) ?? 'IdentityLinked',
  })

  builder.mutationField('finishIdentityLink', (t) =>
    t.field({
      type: result,
      description: checksCredential(
        'Links the account that the code stands for: for programs, whose browser knows no session. Asks for factors that were shown within 5 minutes.',
      ),
      args: {
        input: t.arg({ type: codeInput, required: true, description: 'The code, and what proves that it is yours.' }),
      },
      resolve: finishIdentityLink,
    }),
  )
}

function addUnlink(builder: Builder, { refusals, identity }: IdentityLinkParts): void {
  const unlinked = builder.objectRef<IdentityChange>('IdentityUnlinked').implement({
    description: 'Nobody signs in to your account by it any more.',
    fields: (t) => ({
      identity: t.field({ type: identity, description: 'What was linked.', resolve: (value) => value.identity }),
    }),
  })

  const result = builder.unionType('UnlinkIdentityResult', {
    description: 'How the end of a link ended.',
    types: [unlinked, refusals.lastWayIn],
    resolveType: (value) => refusalTypeName(value) ?? 'IdentityUnlinked',
  })

  builder.mutationField('unlinkIdentity', (t) =>
    t.field({
      type: result,
      description:
        'Ends the link to an account at a provider, unless it is the last way in to yours. Asks for factors that were shown within 5 minutes.',
      args: { id: t.arg.id({ required: true, description: 'Which one, by its id in `identities`.' }) },
      resolve: unlinkIdentity,
    }),
  )
}
