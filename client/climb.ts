import type { Connection } from './connection.ts'
import { type Course, openAt, transportAt } from './course.ts'
import { pause } from './pause.ts'
import { endWith, succeed, takeFrame, type Tenure } from './tenure.ts'

/**
 * Tries better transports from time to time, as long as the tenure lasts. One that works takes over: it was opened after the
 * last frame, and only then is the other closed, so that nothing is lost in between.
 */
export async function climb(course: Course, tenure: Tenure): Promise<void> {
  const { memory, times, transports } = course
  if (memory === null) return
  while (course.current > 0) {
    await pause(Math.max(times.settleMs, memory.probeAt - Date.now()), tenure.signal)
    if (tenure.signal.aborted) return
    if (!tenure.connection.isSettled) continue
    const known = transports.findIndex(({ name }) => name === memory.name)
    if (known !== -1 && known < course.current) {
      // Another subscription found that it works.
      if (!(await tryPlace(course, tenure, known))) memory.works(transportAt(course, course.current).name)
    } else if (memory.takeProbe()) await tryBetter(course, tenure)
  }
}

/** The best that works. */
async function tryBetter(course: Course, tenure: Tenure): Promise<void> {
  const { current } = course
  for (let place = 0; place < current && !tenure.signal.aborted; place += 1) {
    if (await tryPlace(course, tenure, place)) return
  }
}

/** Opens a stream beside the present one; whether it took over. */
async function tryPlace(course: Course, tenure: Tenure, place: number): Promise<boolean> {
  const { after } = course
  return new Promise((resolve) => {
    let hasTaken = false
    const giveUp = () => {
      if (!hasTaken) candidate.close()
      resolve(false)
    }
    const take = () => {
      hasTaken = true
      tenure.signal.removeEventListener('abort', giveUp)
      resolve(true)
      succeed(course, tenure, candidate, place)
    }
    const candidate: Connection = openAt(course, place, {
      onOpen: () => course.outage.up(),
      onSettled(first) {
        if (first?.extensions?.resume?.gap === true || hasBegunAnew(course, after)) giveUp()
        else take()
      },
      onFrame: (frame) => takeFrame(course, tenure, frame),
      onEnd(reason) {
        if (!hasTaken && reason !== null) return giveUp()
        if (!hasTaken) take()
        return endWith(tenure, reason)
      },
    })
    tenure.signal.addEventListener('abort', giveUp, { once: true })
  })
}

/** Whether a stream that was opened without a cursor stands at another place than the present one, which has one now. */
function hasBegunAnew(course: Course, after: string | null): boolean {
  return (after === null || after === 'now') && course.after !== after
}
