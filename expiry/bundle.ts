// Builds the daily check of API keys into one CommonJS text, which infra deploys.
import { join } from 'node:path';
import { build } from 'esbuild';

/** @returns the code of a module that exports `handler`; the same sources give the same text. */
export async function bundleExpiry(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, 'handler.ts')],
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    legalComments: 'none',
    logLevel: 'silent',
  });
  return outputFiles.map(({ text }) => text).join('');
}
