import type { Requirements } from './requirement.ts'

export const oauthRequirements = {
} satisfies Requirements
