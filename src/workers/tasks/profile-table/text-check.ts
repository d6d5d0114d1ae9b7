import { lineOfByte } from './line-of-byte.ts'
import { TableError } from './table-error.ts'

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

/** What the first bytes of a file give away. */
const signatures: readonly { readonly bytes: readonly number[]; readonly message: string }[] = [
  { bytes: [0xff, 0xfe], message: 'The file is UTF-16 text. Save it as UTF-8.' },
  { bytes: [0xfe, 0xff], message: 'The file is UTF-16 text. Save it as UTF-8.' },
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    message: 'The file is a ZIP archive, as an Excel workbook is. Export the table as CSV.',
  },
  { bytes: [0x1f, 0x8b], message: 'The file is compressed with gzip. Unpack it first.' },
]

/** The start of a file without the mark that some programs put before UTF-8. */
export function withoutByteOrderMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).equals(byteOrderMark) ? bytes.subarray(3) : bytes
}

/**
 * Throws a `TableError` for bytes that are no text: `offset` is where they start in the file, `badByte` where UTF-8 ends in
 * it, or `null`.
 */
export async function assertText(
  path: string,
  bytes: Buffer | null,
  offset: number,
  badByte: number | null,
): Promise<void> {
  if (bytes !== null && offset === 0) {
    const known = signatures.find((signature) => signature.bytes.every((byte, index) => bytes[index] === byte))
    if (known !== undefined) throw new TableError(known.message)
  }
  const zero = bytes?.indexOf(0) ?? -1
  if (zero !== -1) {
    throw new TableError(`Line ${await lineOfByte(path, offset + zero)} holds a zero byte: the file is no text.`)
  }
  if (badByte !== null) {
    throw new TableError(`Line ${await lineOfByte(path, badByte)} is not UTF-8 text. Save the file as UTF-8.`)
  }
}
