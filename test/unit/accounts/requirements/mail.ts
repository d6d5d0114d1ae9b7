import type { Requirements } from './requirement.ts'

export const mailRequirements = {
} satisfies Requirements
