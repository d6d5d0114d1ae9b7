import { changePassword } from '../../resolvers/accounts/change-password.ts'
import type { Builder } from '../builder.ts'
import type { Refusals } from '../refusals.ts'
import { checksCredential } from './checks-credential.ts'
import { entryTypeName } from './mfa-required.ts'
import type { SignInSuccessRef } from './sign-in-success.ts'

/** Adds `Mutation.changePassword`. */
export function addChangePassword(
  builder: Builder,
  { refusals, success }: { readonly refusals: Refusals; readonly success: SignInSuccessRef },
): void {
  const input = builder.inputType('ChangePasswordInput', {
    description: 'A password in place of another one, or the first one of an account that has none.',
    fields: (t) => ({
      currentPassword: t.string({
        description: 'The password as it is now. Needed but for an account that has none, which takes a fresh step-up.',
      }),
      newPassword: t.string({
        required: true,
        description:
          'From 15 to 256 characters of any kind, not easy to guess; 8 are enough where a second factor is required. Taken exactly as it is.',
      }),
      keepOtherSessions: t.boolean({
        required: true,
        defaultValue: false,
        description: 'Whether your other sessions live on. They end, unless you say so.',
      }),
    }),
  })

  const result = builder.unionType('ChangePasswordResult', {
    description: 'How a change of the password ended.',
    types: [success, refusals.invalidInput, refusals.invalidCredentials, refusals.rateLimited],
    resolveType: entryTypeName,
  })

  builder.mutationField('changePassword', (t) =>
    t.field({
      type: result,
      description: checksCredential(
        'Sets your password. Your session goes on with a new cookie or new tokens: the old ones do not work any more.',
      ),
      args: { input: t.arg({ type: input, required: true, description: 'The passwords.' }) },
      resolve: changePassword,
    }),
  )
}
