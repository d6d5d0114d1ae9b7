import { z } from 'zod'

const megabytes = (least = 1) => z.coerce.number().min(least).max(1_048_576)
const onOff = z.enum(['on', 'off'])

/** The part of the settings table that is about how the server watches itself, what it refuses, and how it leaves. */
export const operationsSettings = {
  LOAD_SHEDDING: {
    type: onOff,
    accepts: '`on` or `off`',
    default: 'on',
    about:
      'Whether work is refused (503, OVERLOADED) while the server has more than it can carry: new jobs first, then other changes and new streams, then reads.',
  },
  SHED_LOOP_DELAY_MS: {
    type: z.coerce.number().min(1).max(10_000),
    accepts: '1 to 10,000 milliseconds',
    default: '10',
    about: 'How late the event loop may be all the time, not now and then, before work is refused.',
  },
  SHED_QUEUE_SECONDS: {
    type: z.coerce.number().min(1).max(31_536_000),
    accepts: 'seconds, up to a year',
    default: '3600',
    about:
      'For how long jobs may wait for threads, all of them and not some, before new ones are refused to those who have as many unfinished ones as there are threads.',
  },
  OPERATION_SECONDS: {
    type: z.coerce.number().min(1).max(3_600),
    accepts: '1 to 3,600 seconds',
    default: '60',
    about: 'How long a query or mutation may take, and a client to read its answer.',
  },
  MEMORY_HEAP_MB: {
    type: megabytes(),
    accepts: 'megabytes (2^20 bytes)',
    default: '1024',
    about:
      'The JavaScript heap that a process may hold after garbage collection before the alert HEAP_HIGH; 85 % of what Node lets it have where that is less.',
  },
  MEMORY_RSS_MB: {
    type: megabytes(),
    accepts: 'megabytes (2^20 bytes)',
    default: '2048',
    about:
      'The memory that a process may have, its threads among it, before the alert RSS_HIGH; of a process that is alone, 85 % of what its container has where that is less.',
  },
  MEMORY_EXTERNAL_MB: {
    type: megabytes(),
    accepts: 'megabytes (2^20 bytes)',
    default: '1024',
    about: 'The memory outside of the heap, such as buffers, that a process may hold before the alert EXTERNAL_HIGH.',
  },
  MEMORY_GROWTH_MB_PER_MINUTE: {
    type: z.coerce.number().positive().max(1_048_576),
    accepts: 'megabytes (2^20 bytes) a minute',
    default: '10',
    about: 'How fast what a process holds may grow steadily before the alert MEMORY_GROWTH.',
  },
  MEMORY_LOG_SECONDS: {
    type: z.coerce.number().min(0).max(86_400),
    accepts: '0 to 86,400 seconds, 0 for never',
    default: '300',
    about: 'How often each process writes a line about its memory to the log.',
  },
  MEMORY_RECYCLE: {
    type: onOff,
    accepts: '`on` or `off`',
    default: '',
    about:
      'Whether a process leaves while HEAP_HIGH or RSS_HIGH is raised: a member of a cluster once its successor serves, a process that is alone with exit code 75, for its service manager to start it again. On by default with more than one process, off for one.',
  },
  HEAP_SNAPSHOTS: {
    type: z.coerce.number().int().min(0).max(100),
    accepts: '0 to 100, 0 for none at all',
    default: '3',
    about:
      'How many heap snapshots are kept in the data folder. One is taken early, when the heap grows, while an alert about memory lasts, or when an administrator asks for it. It holds all secrets that were in memory, and its process answers nobody meanwhile.',
  },
  HEAP_SNAPSHOT_DAYS: {
    type: z.coerce.number().positive().max(3_650),
    accepts: 'days',
    default: '7',
    about: 'For how long a heap snapshot is kept.',
  },
  ALERT_WEBHOOK_URL: {
    type: z.url({ protocol: /^https?$/ }),
    accepts: 'a URL of http or https',
    default: '',
    about:
      'Where alerts are sent to as JSON, by POST. The text that chat programs show is in `text`. By default they are in the log and the API only.',
  },
  OPS_PORT: {
    type: z.coerce.number().int().min(0).max(65_535),
    accepts: 'a port, 0 for any free one',
    default: '',
    about:
      'A port of its own for /livez, /readyz and /metrics, where /metrics asks for no credential. By default they are on PORT, and /metrics asks for one of an administrator.',
  },
  OPS_HOST: {
    type: z.string().min(1),
    accepts: 'an address',
    default: '127.0.0.1',
    about: 'The address that OPS_PORT is on.',
  },
  DISK_FREE_MB: {
    type: megabytes(0),
    accepts: 'megabytes (2^20 bytes)',
    default: '512',
    about: 'How much must be free on the disk of the data folder: below that, the alert DISK_LOW.',
  },
  UNREADY_SECONDS: {
    type: z.coerce.number().min(0).max(300),
    accepts: '0 to 300 seconds',
    default: '0',
    about:
      'For how long a server that is to stop says on /readyz that it goes, and serves on, so that a load balancer sends nothing more.',
  },
  DRAIN_SECONDS: {
    type: z.coerce.number().min(0).max(3_600),
    accepts: '0 to 3,600 seconds',
    default: '10',
    about: 'How long running jobs and open streams may take to come to an end when the server stops.',
  },
} as const satisfies Record<string, { type: z.ZodType; accepts: string; default: string; about: string }>

/** Settings of them whose values are not repeated in a message. */
export const secretOperationsSettings = ['ALERT_WEBHOOK_URL'] as const

/** What the operator decided about how the server watches itself. Sizes in bytes, times in ms. */
export interface OperationsConfig {
  readonly shedding: { readonly isOn: boolean; readonly loopDelayMs: number; readonly queueMs: number }
  /** Of a query or mutation, and of reading its answer. */
  readonly operationMs: number
  readonly memory: {
    readonly heapBytes: number
    readonly rssBytes: number
    readonly externalBytes: number
    readonly growthBytesPerMinute: number
    /** 0: never. */
    readonly logMs: number
    readonly recycle: boolean
  }
  /** `keep` 0: none is taken. */
  readonly snapshots: { readonly keep: number; readonly keepMs: number }
  /** `null`: alerts are sent nowhere. */
  readonly alertWebhookUrl: string | null
  /** `null`: there is no port of its own. */
  readonly opsAddress: { readonly port: number; readonly host: string } | null
  readonly diskFreeBytes: number
  readonly unreadyMs: number
  readonly drainMs: number
}

/** What the table's settings have given. */
interface OperationsValues {
  readonly WEB_CONCURRENCY: number
  readonly LOAD_SHEDDING: 'on' | 'off'
  readonly SHED_LOOP_DELAY_MS: number
  readonly SHED_QUEUE_SECONDS: number
  readonly OPERATION_SECONDS: number
  readonly MEMORY_HEAP_MB: number
  readonly MEMORY_RSS_MB: number
  readonly MEMORY_EXTERNAL_MB: number
  readonly MEMORY_GROWTH_MB_PER_MINUTE: number
  readonly MEMORY_LOG_SECONDS: number
  readonly MEMORY_RECYCLE: 'on' | 'off' | null
  readonly HEAP_SNAPSHOTS: number
  readonly HEAP_SNAPSHOT_DAYS: number
  readonly ALERT_WEBHOOK_URL: string | null
  readonly OPS_PORT: number | null
  readonly OPS_HOST: string
  readonly DISK_FREE_MB: number
  readonly UNREADY_SECONDS: number
  readonly DRAIN_SECONDS: number
}

const second = 1000
const day = 24 * 3600 * second
const megabyte = 2 ** 20

/** Reads what is about operations. */
export function readOperations(values: OperationsValues): OperationsConfig {
  return {
    shedding: {
      isOn: values.LOAD_SHEDDING === 'on',
      loopDelayMs: values.SHED_LOOP_DELAY_MS,
      queueMs: values.SHED_QUEUE_SECONDS * second,
    },
    operationMs: values.OPERATION_SECONDS * second,
    memory: {
      heapBytes: values.MEMORY_HEAP_MB * megabyte,
      rssBytes: values.MEMORY_RSS_MB * megabyte,
      externalBytes: values.MEMORY_EXTERNAL_MB * megabyte,
      growthBytesPerMinute: values.MEMORY_GROWTH_MB_PER_MINUTE * megabyte,
      logMs: values.MEMORY_LOG_SECONDS * second,
      recycle: values.MEMORY_RECYCLE === null ? values.WEB_CONCURRENCY > 1 : values.MEMORY_RECYCLE === 'on',
    },
    snapshots: { keep: values.HEAP_SNAPSHOTS, keepMs: values.HEAP_SNAPSHOT_DAYS * day },
    alertWebhookUrl: values.ALERT_WEBHOOK_URL,
    opsAddress: values.OPS_PORT === null ? null : { port: values.OPS_PORT, host: values.OPS_HOST },
    diskFreeBytes: values.DISK_FREE_MB * megabyte,
    unreadyMs: values.UNREADY_SECONDS * second,
    drainMs: values.DRAIN_SECONDS * second,
  }
}
