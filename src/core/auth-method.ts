/** The ways in which somebody can show who they are. `RECOVERY_CODE` stands in for a second factor that was lost. */
export const authMethods = ['PASSWORD', 'TOTP', 'RECOVERY_CODE', 'PASSKEY', 'OAUTH'] as const

export type AuthMethod = (typeof authMethods)[number]

/** The methods that can follow a first factor. */
export const mfaMethods = ['TOTP', 'RECOVERY_CODE', 'PASSKEY'] as const satisfies readonly AuthMethod[]

export type MfaMethod = (typeof mfaMethods)[number]
