import type { Requirements } from './requirement.ts'

export const apiKeysRequirements = {
} satisfies Requirements
