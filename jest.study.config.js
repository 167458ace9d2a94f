/** The simulator against the study's numbers and the closed forms: minutes of arithmetic, apart from the rest. */
const base = require('./jest.config.js');

module.exports = { ...base, testMatch: ['<rootDir>/tools/simulate/*.study.ts'] };
