import { availableParallelism } from 'node:os'
import type { App } from '../../src/app.ts'
import { makeTestFolder } from '../../test/support/open-test-store.ts'
import { uploadFile } from '../../test/support/upload-file.ts'
import { median } from '../paired-rounds.ts'
import { now } from './now.ts'
import { benchConfig, openBenchApp, owner } from './open-millrace.ts'
import { printFigure } from './print-figure.ts'

const rounds = 3

/** About a second of work for one thread each. */
const inputs = {
  estimateOptionPrice: {
    spot: 100,
    strike: 105,
    rate: 0.03,
    volatility: 0.25,
    years: 1,
    style: 'ASIAN',
    steps: 50,
    paths: 1_000_000,
  },
  renderFractal: { width: 1600, height: 1200, iterations: 1500 },
  diffuseHeat: {
    columns: 512,
    rows: 512,
    spacing: 1,
    seconds: 8,
    frames: 2,
    initial: { shape: 'CHECKERBOARD', squares: 8, temperature: 100 },
  },
}

/** How much faster sharded tasks are on all cores than on one; says whether the target was met. */
export async function benchShards(opened: AsyncDisposableStack): Promise<boolean> {
  const cores = availableParallelism()
  const one = await openWithThreads(opened, 1)
  const all = await openWithThreads(opened, cores)
  const table = tableText()
  const steps = {
    ...Object.fromEntries(Object.entries(inputs).map(([task, input]) => [task, () => input])),
    profileTable: async ({ services }: App) => ({ file: (await uploadFile(services.artifacts, owner, table)).id }),
  }
  console.log(`Sharded tasks on ${cores} threads against 1, medians of ${rounds} paired rounds`)
  const met: boolean[] = []
  for (const [task, inputFor] of Object.entries(steps)) {
    const inputOfOne = await inputFor(one)
    const inputOfAll = await inputFor(all)
    const speedUps: number[] = []
    for (let round = 0; round <= rounds; round += 1) {
      const alone = await timed(one, task, inputOfOne)
      const together = await timed(all, task, inputOfAll)
      // The first one warms up.
      if (round > 0) speedUps.push(alone / together)
    }
    met.push(printFigure(`${task}, times as fast`, median(speedUps), '×', { least: 0.8 * cores }))
  }
  return met.every(Boolean)
}

async function openWithThreads(opened: AsyncDisposableStack, threads: number): Promise<App> {
  const folder = opened.use(await makeTestFolder())
  return opened.use(await openBenchApp(benchConfig(folder.path, threads)))
}

/** The ms of a job from asking to its end. */
async function timed({ services }: App, task: string, input: unknown): Promise<number> {
  const started = now()
  const job = await services.jobs.submit(owner, task, input, { waitMs: 30_000, memo: 'BYPASS' })
  if (job.state !== 'SUCCEEDED') throw new Error(`${task} ended as ${job.state}: ${job.error?.message ?? 'no error'}`)
  return now() - started
}

/** A table of some 20 MB with numbers, dates and words. */
function tableText(): string {
  const words = ['barley', 'millet', 'oats', 'rye', 'spelt', 'wheat']
  const rows = Array.from({ length: 300_000 }, (_, row) => {
    const day = new Date(Date.UTC(2020, 0, 1 + (row % 2000))).toISOString().slice(0, 10)
    const mixed = Math.imul(row + 1, 2_654_435_761) >>> 0
    return `${row},${day},${words[mixed % words.length]},${mixed / 1000},${mixed % 977},${Math.sqrt(mixed).toFixed(4)}`
  })
  return ['row,day,grain,grams,bin,root', ...rows].join('\n')
}
