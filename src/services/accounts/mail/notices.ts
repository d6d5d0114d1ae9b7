/** Everything that is told by mail. `token` is what a link carries; the templates say the rest. */
export type Notice =
  | { readonly kind: 'EMAIL_VERIFICATION'; readonly token: string }
  /** Somebody signed up with an address that has an account. */
  | { readonly kind: 'EMAIL_HAS_ACCOUNT' }
  | { readonly kind: 'PASSWORD_RESET'; readonly token: string }
  | { readonly kind: 'PASSWORD_CHANGED' }
  /** To the new address. */
  | { readonly kind: 'EMAIL_CHANGE'; readonly token: string }
  /** To the old address, with the way back. */
  | { readonly kind: 'EMAIL_CHANGED'; readonly newEmail: string; readonly token: string }
  | { readonly kind: 'EMAIL_CHANGE_UNDONE' }
  | { readonly kind: 'NEW_DEVICE'; readonly ip: string | null; readonly userAgent: string | null }
  | { readonly kind: 'FACTOR_ADDED'; readonly factor: 'TOTP' | 'PASSKEY'; readonly name: string }
  | { readonly kind: 'FACTOR_REMOVED'; readonly factor: 'TOTP' | 'PASSKEY'; readonly name: string }
  | { readonly kind: 'RECOVERY_CODES_MADE' }
  | { readonly kind: 'RECOVERY_CODE_USED'; readonly left: number }
  | { readonly kind: 'MFA_RESET' }
  | { readonly kind: 'PASSKEY_SUSPECTED'; readonly name: string }
  | { readonly kind: 'REFRESH_TOKEN_REUSED' }
  | { readonly kind: 'API_KEY_CREATED'; readonly name: string }
  | { readonly kind: 'IDENTITY_LINKED'; readonly provider: string }
  | { readonly kind: 'IDENTITY_UNLINKED'; readonly provider: string }
  | { readonly kind: 'INVITE'; readonly token: string }
  | { readonly kind: 'ACCOUNT_DISABLED' }
  | { readonly kind: 'ACCOUNT_DELETED' }
