import { cruise } from 'dependency-cruiser'
import { houseRules } from './house-rules.ts'
import { composition, rooms } from './house.ts'
import { teachUsing } from './teach-using.ts'

export interface Survey {
  /** Every file of ours that was read, as a path from the base folder. */
  readonly files: readonly string[]
  /** How many imports were found in them. */
  readonly imports: number
  /** What breaks a rule, each as `rule: from → to` or `rule: file`. */
  readonly violations: readonly string[]
}

/** Reads every import in the folders, types included, and holds it against the rules of the house. */
export async function survey(baseDir: string, folders: readonly string[]): Promise<Survey> {
  teachUsing()
  const { output } = await cruise(
    [...folders],
    {
      baseDir,
      // TypeScript 7 has no programming interface that this tool could use.
      parser: 'swc',
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
      validate: true,
      ruleSet: { forbidden: [...houseRules()] },
    },
    {
      extensions: ['.ts', '.js', '.mjs'],
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'types', 'default'],
    },
  )
  if (typeof output === 'string') throw new TypeError('dependency-cruiser answered a text instead of a result')
  const ours = output.modules.filter((module) => !module.source.includes('node_modules/') && module.coreModule !== true)
  const files = ours.filter((module) => module.couldNotResolve !== true).map((module) => module.source)
  const broken = output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)
  const homeless = files.filter(isHomeless).map((file) => `every file of src is in a room: ${file}`)
  return {
    files,
    imports: ours.reduce((sum, module) => sum + module.dependencies.length, 0),
    violations: [...broken, ...homeless].toSorted(),
  }
}

function isHomeless(file: string): boolean {
  const homes = [...Object.keys(rooms).map((room) => `src/${room}/`), ...composition]
  return file.startsWith('src/') && !homes.some((home) => new RegExp(`^${home}`).test(file))
}
