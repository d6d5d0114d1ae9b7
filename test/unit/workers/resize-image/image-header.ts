/** What an image file says of itself in its first bytes. */
export interface ImageHeader {
  readonly format: 'WEBP' | 'AVIF' | 'JPEG' | 'PNG'
  readonly width: number
  readonly height: number
}

/** Reads width and height out of the bytes of a PNG, JPEG, WebP or AVIF file, as their specifications lay them down. */
export function imageHeader(bytes: Buffer): ImageHeader {
  if (bytes.toString('latin1', 0, 8) === '\x89PNG\r\n\x1a\n') return pngHeader(bytes)
  if (bytes.readUInt16BE(0) === 0xffd8) return jpegHeader(bytes)
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') return webpHeader(bytes)
  if (bytes.toString('latin1', 4, 12) === 'ftypavif') return avifHeader(bytes)
  throw new Error('The bytes are none of the four formats.')
}

/** PNG (W3C, third edition), 11.2.1: the first chunk is IHDR. */
function pngHeader(bytes: Buffer): ImageHeader {
  if (bytes.toString('latin1', 12, 16) !== 'IHDR') throw new Error('There is no IHDR.')
  return { format: 'PNG', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
}

/** ITU-T T.81, B.2: segments up to the start of frame (SOF0 to SOF15 without DHT, JPG and DAC). */
function jpegHeader(bytes: Buffer): ImageHeader {
  for (let at = 2; at + 9 < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes.readUInt16BE(at)
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)
    if (isFrame) return { format: 'JPEG', height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }
  }
  throw new Error('There is no start of frame.')
}

/** RFC 9649, 2.5 to 2.7: the first chunk is a VP8, VP8L or VP8X. */
function webpHeader(bytes: Buffer): ImageHeader {
  const chunk = bytes.toString('latin1', 12, 16)
  if (chunk === 'VP8 ') {
    // RFC 6386, 9.1: a key frame's tag of 3 bytes, its start code, then 14 bits each.
    if (bytes.readUIntBE(23, 3) !== 0x9d012a) throw new Error('There is no start code.')
    return { format: 'WEBP', width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff }
  }
  if (chunk === 'VP8L') {
    const bits = bytes.readUInt32LE(21)
    return { format: 'WEBP', width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
  }
  if (chunk !== 'VP8X') throw new Error(`There is no image in ${chunk}.`)
  return { format: 'WEBP', width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 }
}

/** ISO/IEC 23008-12, 6.5.3: the box `ispe` within `meta`, `iprp` and `ipco`. */
function avifHeader(bytes: Buffer): ImageHeader {
  const meta = boxIn(bytes, 'meta')
  // `meta` and `ispe` are full boxes: a version and flags come first.
  const ispe = boxIn(boxIn(boxIn(meta.subarray(4), 'iprp'), 'ipco'), 'ispe')
  return { format: 'AVIF', width: ispe.readUInt32BE(4), height: ispe.readUInt32BE(8) }
}

/** The content of the first box of a type (ISO/IEC 14496-12, 4.2). */
function boxIn(bytes: Buffer, type: string): Buffer {
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32BE(at)
    if (bytes.toString('latin1', at + 4, at + 8) === type) return bytes.subarray(at + 8, at + size)
    if (size < 8) break
    at += size
  }
  throw new Error(`There is no box ${type}.`)
}
