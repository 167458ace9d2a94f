/**
 * Unit and integration tests; types are checked apart by `npm run type-check`. Tests of whole programs
 * and of the platform in motion take longer: `npm run test:system`.
 */
const { availableParallelism } = require('node:os');

module.exports = {
  testEnvironment: '<rootDir>/tools/testing/environment.ts',
  globalSetup: '<rootDir>/tools/testing/run-folder.ts',
  testPathIgnorePatterns: ['/node_modules/', '\\.system\\.test\\.ts$'],
  roots: [
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
  ].map((folder) => `<rootDir>/${folder}`),
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'commonjs' },
      },
    ],
    // It loads node:http by import(), which jest's sandbox has not: as require() it works.
    'otlp-exporter-base.+\\.cjs$': ['@swc/jest', { module: { type: 'commonjs' } }],
  },
  transformIgnorePatterns: ['/node_modules/(?!@opentelemetry/otlp-exporter-base/)'],
  coverageProvider: 'v8',
  // For `npm run test:coverage`: what stands between a caller and a secret, to the last branch.
  collectCoverageFrom: [
    '{contracts,edge,service,policies,tools/keys}/**/*.ts',
    '!**/*.test.ts',
    '!**/*.d.ts',
    '!**/testing/**',
  ],
  coverageThreshold: Object.fromEntries(
    ['contracts', 'edge', 'service', 'policies', 'tools/keys'].map((folder) => [
      `./${folder}/`,
      { lines: 100, branches: 100 },
    ]),
  ),
  // Half the time of a test file is waiting: for processes that it started, and for clocks. (Memory for
  // young objects is in package.json: with V8's usual 16 MiB a tenth of the time is collecting garbage.)
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  // A worker with a gigabyte of heap takes half a second and more to give it back, which is no leak.
  workerGracefulExitTimeout: 30_000,
  // Ends what hangs, and nothing that is slow: tests wait for conditions, not for times.
  testTimeout: 120_000,
  // Not in the temporary folder, which a run leaves as it was.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
};
