/**
 * The largest α Δt / h² that is used. Beyond 1/4 the explicit scheme in two dimensions is unstable (von Neumann); at 1/4 the
 * finest pattern of all would only flip its sign, at 1/5 it decays.
 */
const largestRatio = 0.2

/** A time and a plate to let pass over it. */
export interface Course {
  /** mm. */
  readonly spacing: number
  /** mm² a second. */
  readonly diffusivity: number
  readonly seconds: number
  /** Pictures, each but the first at least one step after the one before. */
  readonly frames: number
}

/** How many time steps there must be. */
export function stepsOf({ spacing, diffusivity, seconds, frames }: Course): number {
  return Math.max(frames - 1, Math.ceil((diffusivity * seconds) / (spacing * spacing * largestRatio)))
}

/** α Δt / h²: which share of the difference to each neighbour a point takes over in a step. */
export function ratioOf(course: Course): number {
  const { spacing, diffusivity, seconds } = course
  return (diffusivity * seconds) / (spacing * spacing * stepsOf(course))
}

/** After how many steps the picture of that number, counted from 0, is taken. */
export function stepOfFrame(course: Course, frame: number): number {
  return Math.round((frame * stepsOf(course)) / (course.frames - 1))
}
