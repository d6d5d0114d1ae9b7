import { z } from '../../../task.ts'

/** The most price steps that a job may take in all: some three minutes of a core. */
const maxSteps = 10_000_000_000

/** What is to be priced, and how hard. */
export const optionTerms = z
  .object({
    spot: z.number().min(0.0001).max(1_000_000_000).describe('Price of the underlying today.'),
    strike: z.number().min(0.0001).max(1_000_000_000).describe('Price at which the option may be exercised.'),
    rate: z.number().min(-1).max(1).describe('Risk-free interest rate a year, continuously compounded: 0.05 is 5 %.'),
    volatility: z
      .number()
      .min(0.0001)
      .max(5)
      .describe('Standard deviation of the yearly logarithmic return: 0.2 is 20 %.'),
    years: z.number().min(0.0001).max(100).describe('Time to expiry in years.'),
    dividendYield: z.number().min(-1).max(1).default(0).describe('Dividends a year, continuously paid: 0.02 is 2 %.'),
    kind: z.enum(['CALL', 'PUT']).default('CALL').describe('The right to buy (CALL) or to sell (PUT).'),
    style: z
      .enum(['EUROPEAN', 'ASIAN', 'UP_AND_OUT', 'DOWN_AND_OUT'])
      .default('EUROPEAN')
      .describe(
        'EUROPEAN pays by the price at expiry, ASIAN by the arithmetic mean of the prices after each step. UP_AND_OUT and DOWN_AND_OUT pay as EUROPEAN does, but nothing once the price after a step is at the barrier or beyond.',
      ),
    barrier: z
      .number()
      .min(0.0001)
      .max(1_000_000_000)
      .nullable()
      .default(null)
      .describe('The barrier of UP_AND_OUT (above the spot) or DOWN_AND_OUT (below it); null for the other styles.'),
    steps: z
      .int32()
      .min(1)
      .max(10_000)
      .default(252)
      .describe(
        'At how many equally spaced times, the last of them expiry, the price is looked at. A EUROPEAN option needs one.',
      ),
    paths: z
      .int32()
      .min(1_000)
      .max(200_000_000)
      .default(1_000_000)
      .describe(
        'How many price paths are drawn, half of them mirror images of the other half; rounded up to an even number. Four times as many halve the standard error.',
      ),
    seed: z
      .int32()
      .min(0)
      .default(1)
      .describe('Chooses the random numbers. The same seed gives the same answer, on any number of threads.'),
  })
  .refine(({ style, barrier, spot }) => style !== 'UP_AND_OUT' || (barrier !== null && barrier > spot), {
    path: ['barrier'],
    error: 'UP_AND_OUT needs a barrier above the spot.',
  })
  .refine(({ style, barrier, spot }) => style !== 'DOWN_AND_OUT' || (barrier !== null && barrier < spot), {
    path: ['barrier'],
    error: 'DOWN_AND_OUT needs a barrier below the spot.',
  })
  .refine(({ style, barrier }) => style === 'UP_AND_OUT' || style === 'DOWN_AND_OUT' || barrier === null, {
    path: ['barrier'],
    error: 'Only UP_AND_OUT and DOWN_AND_OUT have a barrier.',
  })
  .refine(({ style, steps, paths }) => style === 'EUROPEAN' || steps * paths <= maxSteps, {
    path: ['paths'],
    error: `Steps times paths may be ${maxSteps.toLocaleString('en')} at most.`,
  })

export type OptionTerms = z.output<typeof optionTerms>

/** A price as the paths so far have it. */
export const priceEstimate = z.object({
  price: z.number().describe('The estimated price today.'),
  standardError: z.number().describe('The standard deviation of that estimate.'),
  interval: z
    .object({
      low: z.number().describe('1.96 standard errors below the price.'),
      high: z.number().describe('1.96 standard errors above the price.'),
    })
    .describe('The 95 % confidence interval.'),
  paths: z.int().describe('How many price paths it rests on.'),
})
