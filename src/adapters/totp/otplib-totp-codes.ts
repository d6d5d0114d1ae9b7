import { generateSecret, generateURI, verifySync } from 'otplib'
import { renderSVG } from 'uqr'
import type { TotpCodes } from '../../ports/totp-codes.ts'

const stepSeconds = 30

/**
 * Which steps are taken besides the present one, in seconds back and ahead. RFC 6238 §5.2 asks for one step back at most;
 * ASVS 6.5.5 for none; one ahead is for devices whose clocks are fast.
 */
export const totpWindows = {
  present: [0, 0],
  previous: [stepSeconds, 0],
  both: [stepSeconds, stepSeconds],
} as const satisfies Record<string, readonly [number, number]>

export type TotpWindow = keyof typeof totpWindows

export interface OtplibTotpCodesOptions {
  /** What an authenticator app shows above the account. */
  readonly issuer: string
  readonly window: TotpWindow
}

const sixDigits = /^[0-9]{6}$/

/** One-time codes by otplib, QR codes by uqr. */
export function otplibTotpCodes({ issuer, window }: OtplibTotpCodesOptions): TotpCodes {
  const [back, ahead] = totpWindows[window]

  return {
    newSecret: () => generateSecret({ length: 20 }),

    stepOf(code, secret, { now, afterStep }) {
      // The library throws for what is no code, and for a step that has not come yet (a clock that was set back).
      const epoch = Math.floor(now / 1000)
      const isSpent = afterStep !== null && afterStep >= Math.floor((epoch + ahead) / stepSeconds)
      if (!sixDigits.test(code) || isSpent) return null
      const after = afterStep === null ? {} : { afterTimeStep: afterStep }
      const result = verifySync({ secret, token: code, epoch, epochTolerance: [back, ahead], ...after })
      return result.valid && 'timeStep' in result ? result.timeStep : null
    },

    enrolment(secret, account) {
      const uri = generateURI({ issuer, label: account, secret })
      // The lowest level of correction holds the longest address; a shorter one gets as much more as fits. Four modules of
      // white around it are what readers may ask for (ISO/IEC 18004).
      return { uri, qrSvg: renderSVG(uri, { ecc: 'L', boostEcc: true, border: 4 }) }
    },
  }
}
