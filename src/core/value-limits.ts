/** The most bytes of JSON that the output of a job may have, and one partial result. What is larger belongs into a file. */
export const maxValueBytes = 2 ** 20

/** The most lines of log that an attempt may write, and the most characters of each. */
export const maxLogLines = 1_000
export const maxLogLength = 4_000

/** The most bytes of JSON that all partial results of an attempt may have together. */
export const maxPartialBytes = 8 * 2 ** 20
