/** `Content-Disposition` for a file to be saved: a plain name for old clients, the true one by RFC 8187. */
export function attachment(fileName: string): string {
  const plain = fileName.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const name = plain === '' ? 'file' : plain
  return `attachment; filename="${name}"; filename*=UTF-8''${encodeRfc8187(fileName === '' ? 'file' : fileName)}`
}

function encodeRfc8187(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
