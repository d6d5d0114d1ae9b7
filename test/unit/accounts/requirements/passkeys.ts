import type { Requirements } from './requirement.ts'

export const passkeysRequirements = {
} satisfies Requirements
