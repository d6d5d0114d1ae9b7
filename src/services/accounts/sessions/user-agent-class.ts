/**
 * What a refresh token is bound to besides its session: whether the client is a browser, or a page within an app, both of
 * which call themselves `Mozilla/…`, or any other program. Names and versions change with every update and are not looked
 * at; but a token that was taken out of a native app does not work in a page, and the other way round.
 */
export type UserAgentClass = 'browser' | 'other'

export function userAgentClass(userAgent: string | null): UserAgentClass {
  return userAgent?.startsWith('Mozilla/') === true ? 'browser' : 'other'
}
