import type { Requirements } from './requirement.ts'

export const factorsRequirements = {
} satisfies Requirements
