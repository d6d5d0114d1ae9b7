import { accountChecks } from './checks/account-checks.ts'
import type { Check, Evidence } from './checks/check.ts'
import { clusterChecks } from './checks/cluster-checks.ts'
import { ledgerChecks } from './checks/ledger-checks.ts'
import { logChecks } from './checks/log-checks.ts'
import { resultChecks } from './checks/result-checks.ts'
import { storageChecks } from './checks/storage-checks.ts'
import { streamChecks } from './checks/stream-checks.ts'

/** Every invariant by name. */
export const checks = {
  ...accountChecks,
  ...ledgerChecks,
  ...logChecks,
  ...resultChecks,
  ...streamChecks,
  ...storageChecks,
  ...clusterChecks,
} as const satisfies Record<string, Check>

export type CheckName = keyof typeof checks

export interface Violation {
  readonly check: CheckName
  /** What the invariant is. */
  readonly sentence: string
  /** Where it does not hold. */
  readonly found: string
}

/** Everything that contradicts the invariants; empty when the history is one that the server may have. */
export function checkHistory(evidence: Evidence): readonly Violation[] {
  // The keys of the table above.
  return (Object.entries(checks) as [CheckName, Check][]).flatMap(([check, { sentence, find }]) =>
    [...find(evidence)].map((found) => ({ check, sentence, found })),
  )
}
