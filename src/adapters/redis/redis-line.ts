import { Redis } from 'ioredis'
import { type ClientOptions, retryMs } from './client-options.ts'

/** One connection to Redis that is made again and again until it is closed. */
export interface RedisLine {
  readonly client: Redis
  /** Whether commands can be sent. */
  readonly isUp: boolean
  /** Why it is not up, as far as is known; `null` where nothing is known. */
  readonly lastError: unknown
  /** Hears each time that it is up and that it is down; call the result to stop. */
  onChange(listener: () => void): () => void
  /** Breaks the connection off, in case it is only half there; another one is made. */
  renew(): void
  close(): void
}

/** Begins to connect, and goes on with that whatever happens. */
export function openLine(options: ClientOptions): RedisLine {
  const client = new Redis(options)
  const listeners = new Set<() => void>()
  let lastError: unknown = null
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  const tell = () => {
    for (const listener of listeners) listener()
  }
  const note = (error: unknown) => {
    lastError = error
  }
  // Each has told of its failure by an event already.
  const connect = () => void client.connect().catch(() => undefined)
  client.on('error', note).on('sentinelError', note).on('close', tell)
  client.on('ready', () => {
    lastError = null
    tell()
  })
  // The client gives up where it was told to end while it asked a Sentinel.
  client.on('end', () => {
    tell()
    if (!isClosed) timer = setTimeout(connect, retryMs(5))
  })
  connect()
  return {
    client,
    get isUp() {
      return client.status === 'ready'
    },
    get lastError() {
      return lastError
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    renew() {
      if (client.status === 'ready' || client.status === 'connect') client.disconnect(true)
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      listeners.clear()
      if (client.status !== 'end') client.disconnect()
    },
  }
}
