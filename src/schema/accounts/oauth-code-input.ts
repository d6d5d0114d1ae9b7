import type { Builder } from '../builder.ts'

/** Adds what a program shows for the code that the browser brought back. */
export function addOAuthCodeInput(builder: Builder) {
  return builder.inputType('OAuthCodeInput', {
    description: 'A code of a sign-in by a provider, and what proves that it is yours.',
    fields: (t) => ({
      code: t.string({
        required: true,
        description: 'From the query of the address that the browser came back to; works once, for a minute.',
      }),
      codeVerifier: t.string({ required: true, description: 'What the `codeChallenge` was made of.' }),
    }),
  })
}

export type OAuthCodeInputRef = ReturnType<typeof addOAuthCodeInput>
