// Has Node.js read our TypeScript by tsx, and start faster than `-r tsx/cjs` does.
const { enableCompileCache, setSourceMapsSupport } = require('node:module');
const { join } = require('node:path');

// tsx parses each file of each package in search of ES modules, TypeScript's nine megabytes included.
// Node.js loads those by itself, so that tsx is left with what is TypeScript.
const loadJavaScript = require.extensions['.js'];
require('tsx/cjs');
require.extensions['.js'] = loadJavaScript;

// Only our own files: the source maps of packages take as long to index as the packages to load.
setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });

// One entry a file, checked against its content and the version of V8, and gone with `npm ci`.
enableCompileCache(join(__dirname, '../node_modules/.cache/compile'));
