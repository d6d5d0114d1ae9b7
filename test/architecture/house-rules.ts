import type { IForbiddenRuleType } from 'dependency-cruiser'
import { barrels, libraryDoors, nodeDoors, rooms } from './house.ts'

/** The tables of the house as rules for dependency-cruiser. A rule's name is the sentence that a violation is told by. */
export function houseRules(): readonly IForbiddenRuleType[] {
  return [...roomRules(), ...libraryRules(), ...nodeRules(), ...generalRules()]
}

function roomRules(): readonly IForbiddenRuleType[] {
  const perRoom = Object.entries(rooms).map(([room, allowed]) => {
    const may = allowed.length === 0 ? 'nothing of ours' : `only ${allowed.join(', ')}`
    return forbid(`${room} imports ${may}`, `^src/${room}/`, {
      path: '^src/',
      pathNot: [room, ...allowed].map((name) => (name.endsWith('.ts') ? `^src/${name}$` : `^src/${name}/`)),
    })
  })
  return [
    ...perRoom,
    forbid('adapters are strangers to each other', '^src/adapters/([^/]+)/', {
      path: '^src/adapters/',
      pathNot: '^src/adapters/$1/',
    }),
  ]
}

function libraryRules(): readonly IForbiddenRuleType[] {
  const perLibrary = Object.entries(libraryDoors).map(([library, doors]) => ({
    name: `${library} has its door in ${doors.join(', ')}`,
    severity: 'error' as const,
    from: { path: '^(src|client|bin)/', pathNot: anchored(doors) },
    to: { path: `(^|/)node_modules/${library}/` },
  }))
  const known = Object.keys(libraryDoors).map((library) => `(^|/)node_modules/${library}/`)
  return [
    ...perLibrary,
    forbid('every library has a door', '^(src|client|bin)/', { path: '(^|/)node_modules/', pathNot: known }),
    forbid('what is shipped needs nothing that only developers have', '^(src|client|bin)/', {
      dependencyTypes: ['npm-dev'],
    }),
  ]
}

function nodeRules(): readonly IForbiddenRuleType[] {
  return Object.entries(nodeDoors).map(([module, doors]) => ({
    name: doors.length === 0 ? `node:${module} has no door` : `node:${module} has its door in ${doors.join(', ')}`,
    severity: 'error' as const,
    from: { path: '^src/', ...(doors.length > 0 && { pathNot: anchored(doors) }) },
    to: { path: `^(node:)?${module}(/|$)`, dependencyTypes: ['core' as const] },
  }))
}

function generalRules(): readonly IForbiddenRuleType[] {
  return [
    forbid('nothing imports in a circle', '', { circular: true }),
    // What a page loads has the server's root for its root.
    {
      name: 'every import is found',
      severity: 'error',
      from: { pathNot: '^src/server/page/' },
      to: { couldNotResolve: true },
    },
    forbid('src stands on itself', '^src/', { path: '^(test|scripts|examples|bin)/' }),
    {
      name: 'of src only the command line uses the client',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^client/' },
    },
    forbid('the client imports nothing of the server', '^client/', { path: '^(src|test|scripts|examples|bin)/' }),
    forbid('the client runs in a browser', '^client/', { dependencyTypes: ['core'] }),
    {
      name: 'only barrels hand on',
      severity: 'error',
      from: { path: '^(src|client)/', pathNot: anchored(barrels) },
      to: { dependencyTypes: ['export'] },
    },
  ]
}

function forbid(
  name: string,
  from: string,
  to: Extract<IForbiddenRuleType, { to: { circular?: boolean } }>['to'],
): IForbiddenRuleType {
  return { name, severity: 'error', from: from === '' ? {} : { path: from }, to }
}

function anchored(paths: readonly string[]): string[] {
  return paths.map((path) => `^${path}`)
}
