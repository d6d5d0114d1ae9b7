/** A mail, ready to be sent: plain text for everybody, HTML for who shows it. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Sends mails. Rejects when the mail was not taken over by the next server; whoever calls tries again later. */
export interface Mailer extends AsyncDisposable {
  /** Gives up after 30 s. */
  send(mail: Mail): Promise<void>
}
