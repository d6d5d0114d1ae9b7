/** What a benchmark does in seconds is not what users of a server are limited to: settings that let it. */
export const unlimited = {
  STREAMS_PER_USER: '1000000',
  STREAMS_PER_NETWORK: '1000000',
  REPLAY_MB_PER_MINUTE: '1000000',
  CHANNEL_MESSAGES: '1000000',
  CHANNEL_USER_MESSAGES: '1000000',
  CHANNEL_USER_MB: '1000000',
} as const
