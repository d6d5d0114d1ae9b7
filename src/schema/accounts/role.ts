import type { Builder } from '../builder.ts'

/** Adds the enum `Role`. */
export function addRole(builder: Builder) {
  return builder.enumType('Role', {
    description: 'What a user is here.',
    values: {
      USER: { value: 'user', description: 'Has jobs, files and channels of their own.' },
      ADMIN: { value: 'admin', description: 'Also looks after the server and its users.' },
    } as const,
  })
}

export type RoleRef = ReturnType<typeof addRole>
