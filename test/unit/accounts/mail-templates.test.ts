import { describe, expect, it } from 'vitest'
import type { Notice } from '../../../src/services/accounts/mail/notices.ts'
import { renderNotice } from '../../../src/services/accounts/mail/render-notice.ts'

const appUrl = 'https://app.example.com'

/** Every value that anybody can choose tries to be markup, a header, a link of ours, or far too long. */
const hostile =
  '"><script>alert(1)</script><img src=http://evil.example/x>&amp;\'\r\nBcc: eve@example.com\u0000\u202egnp\u2028'
const name = `${hostile}${'x'.repeat(10_000)}`
const token = 'ott_01jc0000000000000000000000.A-b_c<&"'

const notices: { readonly [Kind in Notice['kind']]: Extract<Notice, { kind: Kind }> } = {
  EMAIL_VERIFICATION: { kind: 'EMAIL_VERIFICATION', token },
  EMAIL_HAS_ACCOUNT: { kind: 'EMAIL_HAS_ACCOUNT' },
  PASSWORD_RESET: { kind: 'PASSWORD_RESET', token },
  PASSWORD_CHANGED: { kind: 'PASSWORD_CHANGED' },
  EMAIL_CHANGE: { kind: 'EMAIL_CHANGE', token },
  EMAIL_CHANGED: { kind: 'EMAIL_CHANGED', newEmail: name, token },
  EMAIL_CHANGE_UNDONE: { kind: 'EMAIL_CHANGE_UNDONE' },
  NEW_DEVICE: { kind: 'NEW_DEVICE', ip: name, userAgent: name },
  FACTOR_ADDED: { kind: 'FACTOR_ADDED', factor: 'PASSKEY', name },
  FACTOR_REMOVED: { kind: 'FACTOR_REMOVED', factor: 'TOTP', name },
  RECOVERY_CODES_MADE: { kind: 'RECOVERY_CODES_MADE' },
  RECOVERY_CODE_USED: { kind: 'RECOVERY_CODE_USED', left: 3 },
  MFA_RESET: { kind: 'MFA_RESET' },
  PASSKEY_SUSPECTED: { kind: 'PASSKEY_SUSPECTED', name },
  REFRESH_TOKEN_REUSED: { kind: 'REFRESH_TOKEN_REUSED' },
  API_KEY_CREATED: { kind: 'API_KEY_CREATED', name },
  IDENTITY_LINKED: { kind: 'IDENTITY_LINKED', provider: name },
  IDENTITY_UNLINKED: { kind: 'IDENTITY_UNLINKED', provider: name },
  INVITE: { kind: 'INVITE', token },
  ACCOUNT_DISABLED: { kind: 'ACCOUNT_DISABLED' },
  ACCOUNT_DELETED: { kind: 'ACCOUNT_DELETED' },
}

const entities: Readonly<Record<string, string>> = {
  '&#34;': '"',
  '&#38;': '&',
  '&#39;': "'",
  '&#60;': '<',
  '&#62;': '>',
}

/** What somebody reads of it: its text without markup, one space between words. */
function readable(html: string): string {
  const text = html.replace(/<head>[\s\S]*<\/head>/, '').replaceAll(/<[^>]*>/g, '')
  return words(text.replaceAll(/&#\d+;/g, (entity) => entities[entity] ?? entity))
}

const words = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

describe('the mail for', () => {
  it.each(Object.values(notices))('$kind says the same in text and in HTML', (notice) => {
    const { subject, text, html } = renderNotice(notice, appUrl)
    expect(subject).toMatch(/^[A-Z][A-Za-z -]{5,60}$/)
    expect(words(text)).not.toBe('')
    expect(readable(html)).toBe(words(text))
    expect(html).toContain(`<title>${subject}</title>`)
  })

  it.each(Object.values(notices))('$kind holds no markup, no header and no endless text of anybody', (notice) => {
    const { subject, text, html } = renderNotice(notice, appUrl)
    const tags = html.match(/<[^>]*>?/g) ?? []
    const kinds = tags.map((tag) => /^<\/?([^\s>]*)/.exec(tag)?.[1] ?? '')
    expect(new Set(kinds).difference(new Set(allowed))).toEqual(new Set())
    // Nothing that a mail program would fetch, and no link but the one of ours.
    expect(tags.filter((tag) => /\s(src|srcset|background|on\w+)=|url\(/i.test(tag))).toEqual([])
    const hrefs = [...html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href)
    expect(hrefs.every((href) => href.startsWith(`${appUrl}/#/`))).toBe(true)
    expect(`${subject}${text}`).not.toMatch(/[^\P{Cc}\n]|\u202e|\u2028/u)
    expect(text).not.toMatch(/^Bcc:/m)
    expect(text.length).toBeLessThan(1200)
    expect(html.length).toBeLessThan(4000)
  })

  it.each([
    ['EMAIL_VERIFICATION', 'verify-email'],
    ['PASSWORD_RESET', 'reset-password'],
    ['EMAIL_CHANGE', 'confirm-email-change'],
    ['EMAIL_CHANGED', 'undo-email-change'],
    ['INVITE', 'sign-up'],
  ] as const)('%s leads to %s of the app, with the token where no server sees it', (kind, page) => {
    const { text, html } = renderNotice(notices[kind], appUrl)
    const [link = ''] = /https:\S+/.exec(text) ?? []
    const url = new URL(link)
    expect([url.origin, url.pathname, url.search]).toEqual([appUrl, '/', ''])
    const [shownPage, query] = url.hash.slice(2).split('?')
    expect(shownPage).toBe(page)
    expect(new URLSearchParams(query).get('token')).toBe(token)
    expect(/href="([^"]*)"/.exec(html)?.[1]).toBe(link)
  })

  it.each([
    ['FACTOR_ADDED', 'If it was not you, remove it, set a new password at once and end all other sessions.'],
    ['API_KEY_CREATED', 'If it was not you, revoke it, set a new password at once and end all other sessions.'],
    ['IDENTITY_LINKED', 'If it was not you, unlink it, set a new password at once and end all other sessions.'],
    ['ACCOUNT_DISABLED', 'its API keys do not work while it is disabled.'],
    ['RECOVERY_CODE_USED', 'used one of your recovery codes, to sign in or to confirm that it is you.'],
  ] as const)('%s says what is so, and what helps: %s', (kind, sentence) => {
    expect(words(renderNotice(notices[kind], appUrl).text)).toContain(sentence)
  })
})

const allowed = ['!doctype', 'html', 'head', 'meta', 'title', 'body', 'main', 'p', 'a', 'br']
