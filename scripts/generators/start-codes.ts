/** The codes with which a server tells why it does not start, or cannot go on, and what each means. */
export const startCodes: Readonly<Record<string, string>> = {
  SETTINGS_INVALID: 'A setting has a value that it does not accept; the message names each.',
  DATA_FOLDER_UNUSABLE: 'The data folder cannot be made, read or written.',
  DATA_FOLDER_LOCKED: 'Another server uses the data folder.',
  STORE_UNUSABLE: 'The database is none, is damaged, or is of a newer release.',
  STORE_BUSY: 'Another process, such as one that is stopped or hangs, holds the lock of the database: end it.',
  ROOT_SECRET_WRONG: 'The database was sealed with another root secret.',
  PASSWORD_BLOCKLIST_UNUSABLE: 'The list of passwords that nobody may use cannot be read.',
  TASK_FILE_INVALID: 'A task file cannot be loaded; the message says which, and why.',
  REDIS_UNUSABLE: 'The Redis of REDIS_URL cannot be reached, refuses the credentials, or is too old.',
  PORT_IN_USE: 'Another program listens on the port.',
  PORT_FORBIDDEN: 'The system does not let this user listen on the port.',
  HOST_NOT_AVAILABLE: 'This machine does not have the address of HOST.',
  LISTEN_FAILED: 'The port cannot be listened on for another reason, which the message tells.',
  MEMBER_NOT_READY:
    'A member of a cluster ended, or was not ready within three minutes; the message says which and why.',
  MEMBERS_GIVEN_UP: 'All members of a cluster ended early too often in a row. The log has the reason of each.',
  START_STOPPED: 'The server was stopped before all its members were ready.',
  MEMBER_ORDER_INVALID: 'MILLRACE_MEMBER is set, which only a primary sets, for its members: unset it.',
}
