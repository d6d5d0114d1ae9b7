/** The most characters of a file name that are kept. */
const maxFileName = 255

/**
 * The name of an uploaded file as it is kept: without its folders, without control characters and without those that turn
 * the direction of writing (which make `exe.gpj` of a name), at most 255 characters. `file` when nothing is left.
 */
export function cleanFileName(given: string): string {
  const base = given.toWellFormed().split(/[/\\]/).at(-1) ?? ''
  const printable = base
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .normalize('NFC')
    .trim()
  const name = [...printable].length <= maxFileName ? printable : shorten(printable)
  return name === '' || name === '.' || name === '..' ? 'file' : name
}

/** Cuts the middle out, so that the extension stays. */
function shorten(name: string): string {
  const extension = /\.[^.]{1,16}$/u.exec(name)?.[0] ?? ''
  return [...name].slice(0, maxFileName - [...extension].length).join('') + extension
}

// RFC 6838, section 4.2.
const mediaType = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/

/** The media type of an uploaded file as it is kept: type and subtype in lower case, without parameters. */
export function cleanMediaType(given: string): string {
  const essence = given.split(';', 1).join('').trim().toLowerCase()
  return mediaType.test(essence) ? essence : 'application/octet-stream'
}
