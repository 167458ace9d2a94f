/** Tests of whole programs, as processes, and of the platform in motion, started by `npm run test:system`. */
const base = require('./jest.config.js');

module.exports = {
  testEnvironment: base.testEnvironment,
  roots: base.roots,
  transform: base.transform,
  transformIgnorePatterns: base.transformIgnorePatterns,
  testMatch: ['**/*.system.test.ts'],
  maxWorkers: base.maxWorkers,
  testTimeout: base.testTimeout,
  cacheDirectory: base.cacheDirectory,
};
