// Builds the edge function into one small CommonJS text; infra deploys it, the local platform runs it.
import { join } from 'node:path';
import { build } from 'esbuild';
import { resolveEdgeSettings, type EdgeSettings } from './settings';

/** Node version of Lambda@Edge's runtime: 22 is supported there; 24 drops callback handlers. */
const TARGET = 'node22';

/**
 * Bundles and minifies the function with these settings in it. The same settings and sources give
 * the same text, so that a deployment without a change changes nothing.
 * @returns the code of a CommonJS module with `exports.handler`.
 * @throws Error when a setting is wrong; all problems are listed.
 */
export async function bundleEdge(settings: EdgeSettings): Promise<string> {
  const resolved = resolveEdgeSettings(settings);
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, 'entry.ts')],
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    target: TARGET,
    format: 'cjs',
    define: { EDGE_SETTINGS: JSON.stringify(resolved) },
    legalComments: 'eof',
    logLevel: 'silent',
  });
  return outputFiles.map(({ text }) => text).join('');
}
