import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const layer = (sourceTag, layers, allowedExternalImports) => ({
  sourceTag: `layer:${sourceTag}`,
  onlyDependOnLibsWithTags: layers.map((name) => `layer:${name}`),
  ...(allowedExternalImports ? { allowedExternalImports } : {}),
});

const boundaries = [
  layer(
    'core',
    ['core'],
    ['zod', 'js-yaml', 'yaml', 're2js', '@noble/hashes', '@noble/hashes/*', 'croner', 'vitest', 'fast-check'],
  ),
  layer(
    'wire',
    ['core', 'wire'],
    ['@grpc/grpc-js', '@bufbuild/protobuf', '@bufbuild/protobuf/*', 'vitest', 'fast-check', 'node:*'],
  ),
  layer('platform', ['core', 'platform']),
  layer('adapter', ['core', 'wire', 'platform', 'test']),
  layer('service', ['core', 'wire', 'platform', 'adapter', 'test']),
  layer('test', ['core', 'wire', 'platform', 'adapter', 'test']),
  layer('proof', ['core', 'wire', 'platform', 'adapter', 'service', 'test']),
];

const core = 'libs/{fleet,manifests,kustomize,diff,health,rollout,retry}/src/**/*.ts';

const clockAndRandom = [
  { object: 'Date', property: 'now', message: 'time is an argument in core' },
  { object: 'Math', property: 'random', message: 'randomness is an argument in core' },
];

export default tseslint.config(
  { ignores: ['**/node_modules/**', '**/src/gen/**', '**/*.mjs', '.nx/**', '.meridian/**'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { allow: [], enforceBuildableLibDependency: false, depConstraints: boundaries },
      ],
      complexity: ['error', 10],
      'max-depth': ['error', 3],
      'max-params': ['error', 4],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-globals': ['error', { name: 'setInterval', message: 'use a loop over a signal' }],
    },
  },
  {
    files: ['**/*.test.ts', 'e2e/**/*.ts', 'bench/**/*.ts', 'libs/testkit/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    files: [core],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-properties': ['error', ...clockAndRandom],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
          message: 'time is an argument in core',
        },
        { selector: 'AwaitExpression', message: 'core is synchronous' },
      ],
    },
  },
  {
    files: ['services/*/src/**/*.ts', 'libs/*/src/**/*.ts'],
    // Core has its own list of forbidden properties, which a second one would replace; `process` does not exist there.
    ignores: [
      core,
      '**/config.ts',
      '**/*.test.ts',
      'libs/testkit/**',
      'services/sandbox/**',
      'services/cli/**',
    ],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'config.ts is the only reader of the environment' },
      ],
    },
  },
);
