import { describe, expect, it } from 'vitest'
import { readConfig } from '../../../src/config.ts'

describe('the setting', () => {
  it.each([
    'smtp://mail.example.com',
    'smtp://millrace:p%40ss@mail.example.com:587',
    'smtp://mail.example.com:25?starttls=off',
    'smtp://localhost:1025?starttls=on',
    'smtps://millrace:secret@[2001:db8::1]:465/',
  ])('SMTP_URL takes %s, and has addresses confirmed', (url) => {
    expect(readConfig({ SMTP_URL: url })).toMatchObject({ smtpUrl: url, emailVerification: true })
    expect(readConfig({ SMTP_URL: url, EMAIL_VERIFICATION: 'off' }).emailVerification).toBe(false)
  })

  it.each([
    'mail.example.com',
    'http://mail.example.com',
    'smtp://',
    'smtp://user:secret-word@',
    'smtp://mail.example.com/inbox',
    'smtp://user:secret-word%zz@mail.example.com',
    'smtp://user:secret-word@mail.example.com?logger=true&debug=true',
    'smtp://user:secret-word@mail.example.com?tls.rejectUnauthorized=false',
    'smtps://user:secret-word@mail.example.com?starttls=off',
  ])('SMTP_URL does not take %s, and the message keeps its password back', (url) => {
    const read = () => readConfig({ SMTP_URL: url })
    expect(read).toThrow(/^These settings cannot be used:\n {2}SMTP_URL: accepts /)
    expect(read).not.toThrow('secret-word')
  })

  it.each(['mill@example.com', 'Millrace <mill@example.com>', 'Die Mühle am Bach <mühle@example.com>'])(
    'MAIL_FROM takes %s',
    (sender) => {
      expect(readConfig({ MAIL_FROM: sender }).mailFrom).toBe(sender)
    },
  )

  it.each(['mill', 'a@b, c@d', '<mill@example.com>', 'Mill <a@b>, Eve <c@d>', 'Mill\r\nBcc: x <a@b>', '"Mill" <a@b>'])(
    'MAIL_FROM does not take %j',
    (sender) => {
      expect(() => readConfig({ MAIL_FROM: sender })).toThrow('MAIL_FROM: accepts an address')
    },
  )
})
