/** Passwords that nobody may use, because others know them: from breaches, or of the operator's own. */
export interface PasswordBlocklist {
  /** Whether the password is on the list. Answers within microseconds: it is asked on the event loop. */
  has(password: string): boolean
}
