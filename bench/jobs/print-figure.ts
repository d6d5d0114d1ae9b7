/** Prints a figure beside its target, if it has one; says whether it is met. */
export function printFigure(name: string, figure: number, unit: string, target: Target | null = null): boolean {
  const shown = `  ${name.padEnd(62)} ${formatFigure(figure).padStart(9)} ${unit}`
  if (target === null) {
    console.log(shown)
    return true
  }
  const isMet = 'most' in target ? figure <= target.most : figure >= target.least
  const bound = 'most' in target ? `≤ ${formatFigure(target.most)}` : `≥ ${formatFigure(target.least)}`
  console.log(`${shown.padEnd(82)} target ${bound}: ${isMet ? 'met' : 'MISSED'}`)
  return isMet
}

export type Target = { readonly most: number } | { readonly least: number }

/** Three figures of it, or all before the point; a dash for what was not measured. */
export function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return '-'
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(1, Math.abs(value)))))
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
