const maxLength = 128
const maxSegments = 8

/** Letters, digits, dots, underscores, tildes and hyphens, as they stand in an address; not dots alone, which mean folders there. */
const segment = /^(?!\.+$)[A-Za-z0-9._~-]+$/

/** What a name must be like, in a sentence. */
export const nameRule = `Must be 2 to ${maxSegments} parts of letters, digits and ._~- with a slash between them, at most ${maxLength} characters in all.`

/** Whether the text is one part of a name. */
export function isSegment(text: string): boolean {
  return segment.test(text)
}

/** Whether a channel can be called that; says nothing of whether there is one. */
export function isChannelName(text: string): boolean {
  if (text.length > maxLength) return false
  const segments = text.split('/')
  return segments.length >= 2 && segments.length <= maxSegments && segments.every(isSegment)
}

/** The topic of what is published on a channel. */
export function channelTopic(name: string): string {
  return `channel:${name}`
}
