import type { AttemptListener } from '../../ports/compute-pool.ts'
import { readCount, readTotal, type Control } from '../control.ts'
import type { FromThread } from '../messages.ts'
import { createProgressReporter, progressIntervalMs, type ProgressReporter } from '../thread/progress-reporter.ts'
import type { ThreadRun } from './thread-run.ts'
import type { WrittenFolder } from './written-files.ts'

/** What a thread says of its own part, and what it says for the task. */
type OfTask = Exclude<FromThread, { type: 'started' | 'unloadable' | 'ended' }>
type Told<Type extends OfTask['type']> = Extract<OfTask, { type: Type }>

/** The part of the attempt that speaks. */
export type Speaker = Pick<ThreadRun, 'index' | 'part' | 'post'>

export interface HearingOptions {
  readonly listener: AttemptListener
  readonly control: Control
  readonly folder: Pick<WrittenFolder, 'begin' | 'hand'>
  /** The listener cannot keep what the task says. */
  refused(error: unknown): void
}

/** Passes what an attempt's threads say on to its listener. */
export class Hearing {
  readonly #options: HearingOptions
  readonly #progress: ProgressReporter
  readonly #untaken = new Set<Promise<void>>()
  /** How far each shard is, once there are shards. */
  #shards: number[] | null = null
  #newestMessage: string | null = null
  #polling: NodeJS.Timeout | null = null
  #lastCount = 0

  constructor(options: HearingOptions) {
    this.#options = options
    this.#progress = createProgressReporter((progress) => this.#tell(() => options.listener.progress(progress)))
  }

  hear(message: OfTask, from: Speaker): void {
    if (message.type !== 'progress') this.#progress.flush()
    switch (message.type) {
      case 'progress':
        return this.#hearProgress(message, from)
      case 'counting':
        this.#polling ??= setInterval(() => this.#readCounter(), progressIntervalMs)
        return
      case 'partial':
        return this.#passPartial(message, from)
      case 'log':
        return this.#tell(() => this.#options.listener.log(message.level, message.text))
      case 'writing':
        return this.#options.folder.begin()
      case 'file':
        return this.#passFile(message, from)
    }
  }

  /** So many shards speak from now on: their mean is the progress. */
  shardsBegin(count: number): void {
    this.#shards = Array.from({ length: count }, () => 0)
  }

  /** A shard has answered, however far it said that it was. */
  shardEnds(index: number): void {
    if (this.#shards !== null) this.#shards[index] = 1
  }

  /** Passes on the last progress. Nothing may be heard any more. */
  end(): void {
    if (this.#polling !== null) clearInterval(this.#polling)
    this.#readCounter()
    this.#progress.flush()
    this.#progress.close()
  }

  /** Resolves once the listener has taken every partial and every file; `null` where it has. */
  get settled(): Promise<unknown> | null {
    return this.#untaken.size === 0 ? null : Promise.all(this.#untaken)
  }

  #hearProgress({ fraction, message }: Told<'progress'>, from: Speaker): void {
    this.#newestMessage = message
    if (this.#shards === null) return this.#report(fraction)
    // What `reduce` says is no fraction of the shards.
    if (from.part === 'shard') this.#shards[from.index] = fraction
    this.#report(this.#shards.reduce((sum, each) => sum + each, 0) / this.#shards.length)
  }

  #readCounter(): void {
    const count = readCount(this.#options.control)
    if (count === this.#lastCount || readTotal(this.#options.control) === 0) return
    this.#lastCount = count
    this.#report(0)
  }

  /** A count that goes up to something tells more than what the parts say of themselves. */
  #report(fraction: number): void {
    const { control } = this.#options
    const total = readTotal(control)
    this.#progress.report(total === 0 ? fraction : readCount(control) / total, this.#newestMessage ?? undefined)
  }

  #passPartial({ json }: Told<'partial'>, from: Speaker): void {
    const { listener, refused } = this.#options
    const taken = Promise.try(() => listener.partial(JSON.parse(json)))
    this.#wait(taken.then(() => from.post({ type: 'acknowledge' }), refused))
  }

  #passFile({ file, path, fileName, mediaType }: Told<'file'>, from: Speaker): void {
    const { listener, folder } = this.#options
    const kept = folder
      .hand(path, () => listener.file({ path, fileName, mediaType }))
      .then(
        (id) => from.post({ type: 'kept', file, id }),
        (error: unknown) => {
          const message = error instanceof Error ? error.message : String(error)
          from.post({ type: 'refused', file, message })
        },
      )
    this.#wait(kept)
  }

  #tell(speak: () => void): void {
    try {
      speak()
    } catch (error) {
      this.#options.refused(error)
    }
  }

  #wait(taken: Promise<void>): void {
    this.#untaken.add(taken)
    void taken.finally(() => this.#untaken.delete(taken))
  }
}
