/** A file that cannot be resized; the message is a full sentence for who sent the file. */
export class ImageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ImageError'
  }
}
