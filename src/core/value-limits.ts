/** The most bytes of JSON that the output of a job may have, and one partial result. What is larger belongs into a file. */
export const maxValueBytes = 2 ** 20

/** The most bytes of JSON that all partial results of an attempt may have together. */
export const maxPartialBytes = 8 * 2 ** 20
