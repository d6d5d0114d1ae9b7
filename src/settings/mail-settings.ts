const mailAddress = String.raw`[^\s<>@",;:()[\]\\]+@[^\s<>@",;:()[\]\\]+`

/** An address by itself, or in angle brackets after a name. */
export const mailSender = new RegExp(String.raw`^(?:[^\p{Cc}<>@",;:()[\]\\]+ <${mailAddress}>|${mailAddress})$`, 'u')

/** Whether the text names a mail server, by TLS or not, and nothing besides. */
export function isSmtpUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '' || !/^\/?$/.test(url.pathname))
    return false
  if (!isPercentEncoded(`${url.username}${url.password}`)) return false
  return url.protocol === 'smtps:' ? url.search === '' : /^(\?starttls=(on|off))?$/.test(url.search)
}

function isPercentEncoded(text: string): boolean {
  try {
    return decodeURIComponent(text).isWellFormed()
  } catch {
    return false
  }
}
