import type { RuntimeSettings } from '../../core/runtime-settings.ts'
import type { Bus } from '../../ports/bus.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Store } from '../../ports/store.ts'
import { readRuntimeSettings } from './runtime-settings-record.ts'

/** The channel on which it is told that the settings have changed; what they are is in the store. */
export const runtimeSettingsChannel = 'runtime-settings'

/** How often the store is looked at, hint or no hint, in ms. */
const everyMs = 3_000

/** The runtime settings as this process has them. */
export interface FollowedSettings extends AsyncDisposable {
  readonly current: RuntimeSettings
  /** Looks them up and applies them. What was committed before the call counts when it resolves; it does not reject. */
  look(): Promise<void>
}

export interface FollowSettingsOptions {
  readonly store: Pick<Store, 'read'>
  readonly bus: Bus
  readonly logger: Logger
  /** Called with the first settings and with each others, in order. Must not throw. */
  apply(settings: RuntimeSettings): void
}

/**
 * Applies the runtime settings from now on until it is disposed of: resolves once the first are applied. A change is applied
 * as soon as the bus tells of it, and after `everyMs` where that message is lost. While the store cannot be read, those
 * that were read last hold. Rejects where it cannot be read the first time.
 */
export async function followRuntimeSettings(options: FollowSettingsOptions): Promise<FollowedSettings> {
  const { store, bus, logger, apply } = options
  let current = await store.read(readRuntimeSettings)
  apply(current)
  let isFailing = false
  let isDue = false
  let looking: Promise<void> | null = null

  async function read(): Promise<void> {
    try {
      const found = await store.read(readRuntimeSettings)
      isFailing = false
      if (JSON.stringify(found) === JSON.stringify(current)) return
      current = found
      apply(found)
    } catch (error) {
      if (!isFailing) logger.warn({ error: String(error) }, 'The runtime settings cannot be read: the last ones hold.')
      isFailing = true
    }
  }

  async function readWhileDue(): Promise<void> {
    while (isDue) {
      isDue = false
      await read()
    }
  }

  function look(): Promise<void> {
    // Who asks during a reading needs one that begins after that: it may have missed what they know of.
    isDue = true
    looking ??= readWhileDue().finally(() => {
      looking = null
    })
    return looking
  }

  const hear = () => void look()
  const timer = setInterval(hear, everyMs)
  timer.unref()
  const stopChange = bus.onChange((isLive) => {
    if (isLive) hear()
  })
  const unsubscribe = await bus.subscribe(runtimeSettingsChannel, hear)
  // Something may have changed before the subscription counted.
  await look()

  return {
    get current() {
      return current
    },
    look,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      stopChange()
      unsubscribe()
      await looking
    },
  }
}
