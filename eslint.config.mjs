// Lint rules, and the house's import arrows by folder.
import tseslint from 'typescript-eslint';
import eslint from '@eslint/js';

const FOLDERS = [
  'contracts',
  'infra',
  'edge',
  'service',
  'examples',
  'expiry',
  'dashboards',
  'policies',
  'recorder',
  'tools',
];
const EXEMPT_FROM_TOOLS_ARROW = ['**/*.test.ts', '**/testing/**'];

/** Forbids imports from `folder` to any other folder but those in `allowed`. */
function arrows(folder, allowed, extra = []) {
  const forbidden = FOLDERS.filter((other) => other !== folder && !allowed.includes(other));
  const rule = (names) => ({
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(\\.\\./)+(${names.join('|')})(/|$)`,
            message: `${folder}/ may import only ${allowed.join(', ') || 'nothing'} (see README, "Layout").`,
          },
          ...extra,
        ],
      },
    ],
  });
  return [
    { files: [`${folder}/**/*.ts`], ignores: EXEMPT_FROM_TOOLS_ARROW, rules: rule(forbidden) },
    {
      // A test may start the embedded AWS of tools/local/aws: the real thing instead of a mock,
      // and ask the evaluator of IAM documents whether what is called is allowed.
      // One of the program may record it, and ask the policy pack what it says.
      files: EXEMPT_FROM_TOOLS_ARROW.map((glob) => `${folder}/${glob}`),
      rules: rule(
        forbidden
          .filter((name) => folder !== 'infra' || !['policies', 'recorder'].includes(name))
          .map((name) =>
            name === 'tools'
              ? 'tools(?!/(local/aws/|cloudwatch/|local/otlp-protobuf$|iam/evaluate$))'
              : name,
          ),
      ),
    },
  ];
}

const INFRA_MAY_IMPORT = ['contracts', 'dashboards', 'edge', 'expiry', 'service'];
const INFRA_NEIGHBOURS = [
  {
    regex: '^(\\.\\./)+service/(?!(bundle|workload)$)',
    message:
      'infra/ reads the declaration of the service (service/workload.ts) and bundles it (service/bundle.ts).',
  },
  {
    regex: '^(\\.\\./)+edge/(?!(bundle|settings)$)',
    message: 'infra/ bundles the edge function (edge/bundle.ts); it never runs its code.',
  },
  {
    regex: '^(\\.\\./)+expiry/(?!bundle$)',
    message: 'infra/ bundles the check of keys (expiry/bundle.ts); it never runs its code.',
  },
  { regex: '^(\\.\\./)+infra/', message: 'Import a neighbour in infra/ by ./name.' },
];
const WING = {
  regex: '^\\.\\./(?!\\.\\./|rights/)',
  message:
    'A wing of infra/ imports no other: the files above it pass values (see README, "Layout").',
};

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'coverage', '.local', '**/*.js', '**/*.cjs', '**/*.mjs'] },
  eslint.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/prefer-nullish-coalescing': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      eqeqeq: 'error',
      'no-console': 'off',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Use a named export.' },
      ],
    },
  },
  { files: ['**/*.test.ts'], rules: { '@typescript-eslint/unbound-method': 'off' } },
  ...arrows('contracts', []),
  ...arrows('edge', ['contracts']),
  ...arrows('service', ['contracts']),
  // The kit knows no API: an API imports the kit, never the other way. Tests may start one.
  {
    files: ['service/src/kit/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^\\.\\./(\\.\\./)?(?!\\.\\./|telemetry)',
              message: 'service/src/kit/ knows no API; it imports itself and contracts/.',
            },
          ],
        },
      ],
    },
  },
  ...arrows(
    'examples',
    ['contracts', 'service'],
    [
      {
        regex: '^(\\.\\./)+service/(?!src/kit/)',
        message: 'An example stands on the kit (service/src/kit/), not on the users directory.',
      },
    ],
  ),
  ...arrows('expiry', ['contracts']),
  ...arrows('dashboards', ['contracts']),
  ...arrows('recorder', ['contracts']),
  ...arrows('policies', ['contracts']),
  ...arrows('infra', INFRA_MAY_IMPORT, INFRA_NEIGHBOURS),
  {
    ...arrows('infra', INFRA_MAY_IMPORT, [...INFRA_NEIGHBOURS, WING])[0],
    files: ['infra/*/**/*.ts'],
  },
);
