// Builds what the edge benchmarks compare, and runs it in processes of its own.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { resolveEdgeSettings, type EdgeSettings } from '../../edge/settings';
import { workload } from '../../service/workload';

export const SETTINGS: EdgeSettings = {
  stack: 'bench',
  environment: 'bench',
  keysTable: 'gatehouse-keys-1234567',
  regions: ['eu-central-1', 'us-east-1'],
  rules: workload.rules,
  errors: workload.errors,
};

/** As Lambda starts Node.js in 128 MB: a tenth for new objects (two halves), the rest for old ones. */
export const LAMBDA_FLAGS = ['--max-semi-space-size=6', '--max-old-space-size=116'];

export const SDK_PEER = 'the same function on @aws-sdk/client-dynamodb';

/** The same function, but its look-up made by the AWS SDK. */
export async function buildWithSdk(outfile: string): Promise<void> {
  const lookup = join(__dirname, 'edge-sdk-lookup.server.ts');
  await build({
    entryPoints: [join(__dirname, '../../edge/entry.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    define: { EDGE_SETTINGS: JSON.stringify(resolveEdgeSettings(SETTINGS)) },
    plugins: [
      {
        name: 'sdk-lookup',
        setup: (plugins) =>
          plugins.onResolve({ filter: /^\.\/dynamodb$/ }, () => ({ path: lookup })),
      },
    ],
  });
}

/** Bundled, because a loader like tsx would add code of its own to what is measured. */
export async function buildRunner(file: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [join(__dirname, file)],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node22',
  });
}

/** Runs a script of Node.js. @returns what it printed. */
export async function node(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, ...env },
  });
  return stdout;
}
