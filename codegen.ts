import type { CodegenConfig } from '@graphql-codegen/cli'

/**
 * Types for the operations that tests, examples and clients write as `graphql(`…`)`. Reads the printed schema, which
 * `npm run schema` writes.
 */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['test/**/*.ts', 'examples/**/*.ts', 'client/**/*.ts', '!test/support/gql/**'],
  importExtension: '.ts',
  generates: {
    'test/support/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: 'string',
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        // A file goes through the upload door, which puts it in the place of the variable.
        scalars: { Date: 'string', DateTime: 'string', JSON: 'unknown', Upload: 'null' },
      },
    },
  },
}

export default config
