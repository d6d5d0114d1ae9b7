import type { Mail } from '../../../ports/mailer.ts'
import { type MailContent, quoted, writeMail } from './mail-content.ts'
import type { Notice } from './notices.ts'

type Contents = {
  readonly [Kind in Notice['kind']]: (notice: Extract<Notice, { kind: Kind }>, appUrl: string) => MailContent
}

const secure = 'set a new password at once and end all other sessions'
const notYou = `If it was not you, ${secure}.`
/** A new password leaves alone what else lets somebody in. */
const notYours = (undo: string) => `If it was not you, ${undo}, ${secure}.`
const ignore = 'If you did not ask for it, you need not do anything.'
const tellAdministrator = 'If you do not know why, ask whoever runs this server.'

const factorNames = { TOTP: 'authenticator app', PASSKEY: 'passkey' } as const

/** What each notice says. */
const contents: Contents = {
  EMAIL_VERIFICATION: ({ token }, appUrl) => ({
    subject: 'Confirm your email address',
    paragraphs: ['Somebody, hopefully you, gave this address for an account.', ignore],
    link: { label: 'To confirm that it is yours, open this within a day', url: link(appUrl, 'verify-email', token) },
  }),
  EMAIL_HAS_ACCOUNT: (_notice, appUrl) => ({
    subject: 'You already have an account',
    paragraphs: [
      'Somebody, hopefully you, gave this address for an account. There is one already, and nothing about it was changed.',
      ignore,
    ],
    link: { label: 'If you forgot your password, ask for a new one here', url: `${appUrl}/#/forgot-password` },
  }),
  PASSWORD_RESET: ({ token }, appUrl) => ({
    subject: 'Set a new password',
    paragraphs: ['Somebody, hopefully you, asked to set a new password for your account.', ignore],
    link: { label: 'To set one, open this within an hour', url: link(appUrl, 'reset-password', token) },
  }),
  PASSWORD_CHANGED: (_notice, appUrl) => ({
    subject: 'Your password was changed',
    paragraphs: [
      'The password of your account was changed. API keys, and sessions that you chose to keep, go on working.',
      'If it was you, you need not do anything.',
    ],
    link: { label: 'If it was not you, set a new one at once', url: `${appUrl}/#/forgot-password` },
  }),
  EMAIL_CHANGE: ({ token }, appUrl) => ({
    subject: 'Confirm your new email address',
    paragraphs: ['Somebody, hopefully you, wants this to be the address of their account.', ignore],
    link: { label: 'To make it so, open this within a day', url: link(appUrl, 'confirm-email-change', token) },
  }),
  EMAIL_CHANGED: ({ newEmail, token }, appUrl) => ({
    subject: 'The email address of your account was changed',
    paragraphs: [
      `Your account has a new address: ${quoted(newEmail)}. Mails will go there from now on.`,
      'If it was you, you need not do anything.',
    ],
    link: {
      label: 'If it was not you, take it back within a week, which ends all sessions',
      url: link(appUrl, 'undo-email-change', token),
    },
  }),
  EMAIL_CHANGE_UNDONE: (_notice, appUrl) => ({
    subject: 'The change of an email address was taken back',
    paragraphs: [
      'The account has its former email address again, and all of its sessions have ended.',
      'If somebody else had changed it, look through your passkeys, providers and API keys as well.',
    ],
    link: { label: 'The owner of the account should set a new password', url: `${appUrl}/#/forgot-password` },
  }),
  NEW_DEVICE: ({ ip, userAgent }) => ({
    subject: 'A new sign-in to your account',
    paragraphs: ['Somebody, hopefully you, signed in from a browser that had not been used before.', notYou],
    facts: [
      ['Address', quoted(ip ?? 'unknown')],
      ['Browser', quoted(userAgent ?? 'unknown')],
    ],
  }),
  FACTOR_ADDED: ({ factor, name }) => ({
    subject: 'A sign-in factor was added to your account',
    paragraphs: [`Your account has a new ${factorNames[factor]}.`, notYours('remove it')],
    facts: [['Name', quoted(name)]],
  }),
  FACTOR_REMOVED: ({ factor, name }) => ({
    subject: 'A sign-in factor was removed from your account',
    paragraphs: [`Your account does not have this ${factorNames[factor]} any more.`, notYou],
    facts: [['Name', quoted(name)]],
  }),
  RECOVERY_CODES_MADE: () => ({
    subject: 'You have new recovery codes',
    paragraphs: ['New recovery codes were made for your account. Older ones do not work any more.', notYou],
  }),
  RECOVERY_CODE_USED: ({ left }) => ({
    subject: 'A recovery code was used',
    paragraphs: [
      'Somebody, hopefully you, used one of your recovery codes, to sign in or to confirm that it is you.',
      notYou,
    ],
    facts: [['Codes left', String(left)]],
  }),
  MFA_RESET: () => ({
    subject: 'Your second factors were removed',
    paragraphs: ['An administrator removed the second factors of your account. Set them up again.', tellAdministrator],
  }),
  PASSKEY_SUSPECTED: ({ name }) => ({
    subject: 'One of your passkeys may have been copied',
    paragraphs: [
      'A passkey of your account was shown with a counter that had gone backwards, as that of a copy would. It is not accepted any more.',
      'Remove it, and add another one if it is your own.',
    ],
    facts: [['Name', quoted(name)]],
  }),
  REFRESH_TOKEN_REUSED: () => ({
    subject: 'A session of yours was ended for safety',
    paragraphs: [
      'A refresh token of your account was used twice, as a thief would. The session that it belongs to has ended.',
      'If you see it again, set a new password and end all sessions.',
    ],
  }),
  API_KEY_CREATED: ({ name }) => ({
    subject: 'An API key was made for your account',
    paragraphs: ['Your account has a new API key.', notYours('revoke it')],
    facts: [['Name', quoted(name)]],
  }),
  IDENTITY_LINKED: ({ provider }) => ({
    subject: 'A provider was linked to your account',
    paragraphs: ['Your account can be signed in to by a provider now.', notYours('unlink it')],
    facts: [['Provider', quoted(provider)]],
  }),
  IDENTITY_UNLINKED: ({ provider }) => ({
    subject: 'A provider was unlinked from your account',
    paragraphs: ['Your account can not be signed in to by this provider any more.', notYou],
    facts: [['Provider', quoted(provider)]],
  }),
  INVITE: ({ token }, appUrl) => ({
    subject: 'You are invited',
    paragraphs: ['You are invited to make an account.', 'If you do not want one, you need not do anything.'],
    link: { label: 'To make it, open this', url: link(appUrl, 'sign-up', token) },
  }),
  ACCOUNT_DISABLED: () => ({
    subject: 'Your account was disabled',
    paragraphs: [
      'An administrator disabled your account. All of its sessions have ended, and its API keys do not work while it is disabled.',
      tellAdministrator,
    ],
  }),
  ACCOUNT_DELETED: () => ({
    subject: 'Your account was deleted',
    paragraphs: [
      'Your account was deleted with everything that belonged to it. This is the last mail about it.',
      tellAdministrator,
    ],
  }),
}

/** A notice as a mail without its recipient. Links lead to the app at `appUrl`. */
export function renderNotice(notice: Notice, appUrl: string): Pick<Mail, 'subject' | 'text' | 'html'> {
  // The table has for each kind what takes a notice of that kind, which the compiler cannot follow through a look-up.
  const contentOf = contents[notice.kind] as (notice: Notice, appUrl: string) => MailContent
  return writeMail(contentOf(notice, appUrl))
}

/** A page of the app. The token stands in the fragment, which browsers send to nobody. */
function link(appUrl: string, page: string, token: string): string {
  return `${appUrl}/#/${page}?token=${encodeURIComponent(token)}`
}
