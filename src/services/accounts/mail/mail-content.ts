import type { Mail } from '../../../ports/mailer.ts'

/** What a mail says, once: the plain text and the HTML of it are made of the same. */
export interface MailContent {
  readonly subject: string
  readonly paragraphs: readonly string[]
  /** Where to go, after the first paragraph. */
  readonly link?: { readonly label: string; readonly url: string }
  /** Small facts, by name. */
  readonly facts?: readonly (readonly [name: string, value: string])[]
}

/** What every mail ends with. */
const siteName = 'Millrace'

/** A value that somebody else chose, on one line and not too long: nothing of it can look like a part of the mail. */
export function quoted(value: string): string {
  const line = value.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  const characters = Array.from(line.slice(0, 2 * maxQuoted))
  return `“${characters.slice(0, maxQuoted).join('')}${characters.length > maxQuoted ? '…' : ''}”`
}

const maxQuoted = 200

/** The mail in both forms. The subject is ours alone: no value of anybody's gets into a header. */
export function writeMail(content: MailContent): Pick<Mail, 'subject' | 'text' | 'html'> {
  return { subject: content.subject, text: toText(content), html: toHtml(content) }
}

function toText({ paragraphs: [first = '', ...others], link, facts = [] }: MailContent): string {
  const blocks = [
    first,
    ...(link === undefined ? [] : [`${link.label}:\n${link.url}`]),
    ...(facts.length === 0 ? [] : [facts.map(([name, value]) => `${name}: ${value}`).join('\n')]),
    ...others,
    siteName,
  ]
  return `${blocks.join('\n\n')}\n`
}

const style = {
  body: 'margin:0;padding:24px;background:#ffffff;color:#1a1a1a;font:16px/1.5 sans-serif',
  main: 'max-width:36em;margin:0 auto',
  link: 'color:#0b57d0;overflow-wrap:anywhere',
  site: 'color:#595959',
} as const

/** Plain markup without images, scripts or anything else that a mail program would have to fetch. */
function toHtml({ subject, paragraphs: [first = '', ...others], link, facts = [] }: MailContent): string {
  const blocks = [
    first === '' ? '' : `<p>${escapeHtml(first)}</p>`,
    link === undefined ? '' : linkHtml(link),
    facts.length === 0 ? '' : `<p>${facts.map(([name, value]) => escapeHtml(`${name}: ${value}`)).join('<br>\n')}</p>`,
    ...others.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`),
    `<p style="${style.site}">${siteName}</p>`,
  ]
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(subject)}</title></head>
<body style="${style.body}">
<main style="${style.main}">
${blocks.filter((block) => block !== '').join('\n')}
</main>
</body>
</html>
`
}

function linkHtml({ label, url }: NonNullable<MailContent['link']>): string {
  return `<p>${escapeHtml(label)}:<br>\n<a href="${escapeHtml(url)}" style="${style.link}">${escapeHtml(url)}</a></p>`
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
