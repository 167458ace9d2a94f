/** Judges from outside the project, started by `npm run test:conformance`. */
const base = require('./jest.config.js');

module.exports = {
  testEnvironment: base.testEnvironment,
  roots: base.roots,
  transform: {
    ...base.transform,
    // Packages of ES modules alone, which jest's sandbox has not.
    'node_modules/kitsu(-core)?/.+\\.m?js$': ['@swc/jest', { module: { type: 'commonjs' } }],
  },
  transformIgnorePatterns: ['/node_modules/(?!kitsu)'],
  testMatch: ['**/*.conformance.ts'],
  testTimeout: base.testTimeout,
  cacheDirectory: base.cacheDirectory,
};
