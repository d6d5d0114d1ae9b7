/**
 * Time-based one-time codes as authenticator apps make them (RFC 6238: SHA-1, six digits, steps of 30 seconds), as pure
 * computation: who calls sees to it that a code is used once.
 */
export interface TotpCodes {
  /** A new random secret of 160 bits (RFC 4226 §4), in base 32. */
  newSecret(): string
  /**
   * The time step whose code it is, within the window of steps that are taken and after `afterStep`; `null` when it is none
   * of theirs. The code must be six ASCII digits.
   */
  stepOf(code: string, secret: string, at: TotpMoment): number | null
  /** The secret as an authenticator app takes it in: a URI (Key Uri Format), and the same as a QR code in SVG. */
  enrolment(secret: string, account: string): { readonly uri: string; readonly qrSvg: string }
}

export interface TotpMoment {
  /** ms since 1970. */
  readonly now: number
  /** The newest step whose code was used; `null`: none. */
  readonly afterStep: number | null
}
