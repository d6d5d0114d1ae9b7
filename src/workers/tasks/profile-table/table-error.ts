/** A file that cannot be read as a table; the message is a full sentence for who sent the file. */
export class TableError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'TableError'
  }
}
