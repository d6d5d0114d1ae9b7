import { climb } from './climb.ts'
import { type Course, noteWorks, openAt } from './course.ts'
import { endWith, takeFrame, type Tenure, type TenureEnd } from './tenure.ts'

/**
 * Opens a connection and hands its frames on; meanwhile a better transport may take its place. Ends when the operation is
 * complete, when the connection fails, when the subscription is over for its user, or when more frames wait for the user than
 * may: the server keeps them for whoever comes back with the last cursor. Leaves no connection open.
 */
export async function holdTenure(course: Course): Promise<TenureEnd> {
  if (course.signal.aborted) return 'aborted'
  const over = new AbortController()
  const { promise, resolve: end } = Promise.withResolvers<TenureEnd>()
  const tenure: Tenure = {
    connection: openAt(course, course.current, {
      onOpen: () => course.outage.up(),
      onSettled: () => noteWorks(course),
      onFrame: (frame) => takeFrame(course, tenure, frame),
      onEnd: (reason) => endWith(tenure, reason),
    }),
    signal: over.signal,
    end,
  }
  const onAbort = () => end('aborted')
  course.signal.addEventListener('abort', onAbort, { once: true })
  void climb(course, tenure)
  try {
    return await promise
  } finally {
    course.signal.removeEventListener('abort', onAbort)
    over.abort()
    tenure.connection.close()
  }
}
