/** Tests of pages in a real headless Chromium, started by `npm run test:browser`. */
const base = require('./jest.config.js');

module.exports = {
  testEnvironment: base.testEnvironment,
  roots: base.roots,
  transform: base.transform,
  testMatch: ['**/*.browser.ts'],
  // A fault is waited for twice: until its sentence is there, and until it is gone.
  testTimeout: 2 * base.testTimeout,
  cacheDirectory: base.cacheDirectory,
};
