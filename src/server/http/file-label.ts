/** What a sender says of a file. */
export interface FileLabel {
  readonly fileName: string | undefined
  readonly mediaType: string
}

const longestName = 255
const longestType = 127

/** The name and type as they may be stored: without control characters, bounded, never empty. */
export function cleanLabel({ fileName, mediaType }: FileLabel): {
  readonly fileName: string
  readonly mediaType: string
} {
  const name = (fileName ?? '')
    .replace(/\p{Cc}/gu, '')
    .toWellFormed()
    .trim()
    .slice(-longestName)
    .toWellFormed()
  const isType = mediaType.length <= longestType && /^[\w.+-]+\/[\w.+-]+$/.test(mediaType)
  return {
    fileName: name === '' ? 'file' : name,
    mediaType: isType ? mediaType.toLowerCase() : 'application/octet-stream',
  }
}
