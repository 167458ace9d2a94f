/** Tests of whole programs, as processes, and of the platform in motion, started by `npm run test:system`. */
const base = require('./jest.config.js');

module.exports = {
  testEnvironment: base.testEnvironment,
  roots: base.roots,
  transform: base.transform,
  transformIgnorePatterns: base.transformIgnorePatterns,
  testMatch: ['**/*.system.test.ts'],
  // jest would leave one core idle for itself; its own part is small.
  maxWorkers: '100%',
  workerGracefulExitTimeout: base.workerGracefulExitTimeout,
  testTimeout: base.testTimeout,
  cacheDirectory: base.cacheDirectory,
};
