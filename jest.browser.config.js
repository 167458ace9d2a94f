/** Tests of pages in a real headless Chromium, started by `npm run test:browser`. */
const base = require('./jest.config.js');

module.exports = {
  testEnvironment: base.testEnvironment,
  roots: base.roots,
  transform: base.transform,
  testMatch: ['**/*.browser.ts'],
  testTimeout: base.testTimeout,
  cacheDirectory: base.cacheDirectory,
};
