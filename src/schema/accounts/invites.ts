import { createInvite } from '../../resolvers/accounts/create-invite.ts'
import { invites } from '../../resolvers/accounts/invites.ts'
import { revokeInvite } from '../../resolvers/accounts/revoke-invite.ts'
import type { IssuedInvite, OpenInvite } from '../../services/accounts/administration/invites.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'
import type { RoleRef } from './role.ts'

/** Adds `Invite`, the query `invites` and the mutations `createInvite` and `revokeInvite`. */
export function addInvites(builder: Builder, refusals: Refusals, role: RoleRef): void {
  const directives = requiresOneOf('admin')
  const invite = addInvite(builder, role)

  const issued = builder.objectRef<IssuedInvite>('InviteIssued').implement({
    description: 'A new invite.',
    directives,
    fields: (t) => ({
      token: t.exposeString('token', { description: 'What `signUp` takes, shown this once.' }),
      invite: t.expose('invite', { type: invite, description: 'What is known of it later.' }),
    }),
  })

  const result = builder.unionType('CreateInviteResult', {
    description: 'How the making of an invite ended.',
    types: [issued, refusals.invalidInput, refusals.emailTaken, refusals.signUpClosed, refusals.quotaExceeded],
    resolveType: (value) => refusalTypeName(value) ?? 'InviteIssued',
  })

  builder.queryField('invites', (t) =>
    t.field({
      type: [invite],
      directives,
      description: 'The invites that can still be used, newest first. For administrators.',
      resolve: invites,
    }),
  )

  builder.mutationFields((t) => ({
    createInvite: t.field({
      type: result,
      directives,
      description:
        'Lets somebody sign up, once. An address that is given gets the invite by mail, and is the only one that it is for. For administrators who have shown their factors within 5 minutes.',
      args: {
        email: t.arg.string({ description: 'Whom it is for; by default whoever holds it.' }),
        roles: t.arg({
          type: [role],
          required: true,
          defaultValue: ['user'],
          description: 'What it makes of them; everybody is a USER.',
        }),
        expiresInHours: t.arg.int({
          required: true,
          defaultValue: 168,
          description: 'How long it can be used, 1 to 720 hours (30 days).',
        }),
      },
      resolve: createInvite,
    }),
    revokeInvite: t.boolean({
      directives,
      description:
        'Makes an invite void. True, or the error NOT_FOUND. For administrators who have shown their factors within 5 minutes.',
      args: { id: t.arg.id({ required: true, description: 'Which one, as `invites` gives it.' }) },
      resolve: revokeInvite,
    }),
  }))
}

function addInvite(builder: Builder, role: RoleRef) {
  return builder.objectRef<OpenInvite>('Invite').implement({
    description: 'Leave to sign up, for whoever holds its token.',
    directives: requiresOneOf('admin'),
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Names the invite; proves nothing.' }),
      email: t.exposeString('email', { nullable: true, description: 'The only address that it is for; null: any.' }),
      roles: t.field({ type: [role], description: 'What it makes of them.', resolve: ({ roles }) => [...roles] }),
      invitedBy: t.exposeID('invitedBy', {
        description: 'The user who made it: an administrator, or else it would be void.',
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
      expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when it can be used.' }),
    }),
  })
}
