/** A text message of a server as one frame (RFC 6455, 5.2), of at most 64 KiB. */
export function webSocketFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const isShort = payload.length < 126
  const header = Buffer.alloc(isShort ? 2 : 4)
  header[0] = 0x81
  header[1] = isShort ? payload.length : 126
  if (!isShort) header.writeUInt16BE(payload.length, 2)
  return Buffer.concat([header, payload])
}
