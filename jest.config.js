/** Unit and integration tests; types are checked apart by `npm run type-check`. */
module.exports = {
  testEnvironment: 'node',
  roots: ['contracts', 'infra', 'edge', 'service', 'dashboards', 'policies', 'tools'].map(
    (folder) => `<rootDir>/${folder}`,
  ),
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'commonjs' },
      },
    ],
  },
  coverageProvider: 'v8',
  testTimeout: 20_000,
};
