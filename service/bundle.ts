// Bundles an API on the kit into two self-contained files, one for the container and one for Lambda.
import { build, buildSync } from 'esbuild';
import type { BuildOptions, Plugin } from 'esbuild';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface ServiceBundle {
  /** Path of the container entry. */
  readonly main: string;
  /** Path of the Lambda entry, which exports `handler`; not there if the API has none. */
  readonly lambda: string;
}

/**
 * What OpenTelemetry's SDK knows and the service never asks for, because it names its own exporters
 * and instruments nothing by itself: gRPC alone is larger than all the rest of the SDK.
 */
const NEVER_USED =
  /^@opentelemetry\/(exporter-\w+-otlp-grpc|exporter-logs-otlp-\w+|otlp-grpc-exporter-base|exporter-(zipkin|prometheus))$/;

const leaveOut: Plugin = {
  name: 'leave-out',
  setup(bundler) {
    bundler.onResolve({ filter: NEVER_USED }, ({ path }) => ({ path, namespace: 'left-out' }));
    bundler.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({
      contents: 'module.exports = {};',
    }));
  },
};

/** The repository's root, which folders of APIs are named from. */
const ROOT = resolve(__dirname, '..');

/** How it is built: minified CommonJS for Node 24, nothing external. */
export const SERVICE_BUILD = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  // The ES module builds, where packages have both: only they can be shaken.
  mainFields: ['module', 'main'],
  plugins: [leaveOut],
  legalComments: 'none',
  logLevel: 'silent',
} as const satisfies BuildOptions;

/**
 * Writes `main.js` and `lambda.js`, or one of them.
 * @param folder Folder of the API, from the repository's root; its entries are `src/main.ts` and, if
 *   it runs on Lambda, `src/lambda.ts`. @default service
 * @param only The one that is needed: both take twice as long. @default both
 * @throws Error of esbuild when the source does not compile, or is not there.
 */
export async function bundleService(
  outDir: string,
  folder = 'service',
  only?: keyof ServiceBundle,
): Promise<ServiceBundle> {
  const source = join(ROOT, folder, 'src');
  const lambdaEntry = join(source, 'lambda.ts');
  const all = [join(source, 'main.ts'), ...(existsSync(lambdaEntry) ? [lambdaEntry] : [])];
  await build({
    entryPoints: only === undefined ? all : [join(source, `${only}.ts`)],
    outdir: outDir,
    ...SERVICE_BUILD,
  });
  return { main: join(outDir, 'main.js'), lambda: join(outDir, 'lambda.js') };
}

/**
 * The code of a function of an API's own: one CommonJS module that exports `handler`. The same sources
 * give the same text, so that a deployment without a change changes nothing.
 * @param folder Folder of the API, from the repository's root.
 * @param entry Module of the function, from that folder.
 * @throws Error of esbuild when the source does not compile, or is not there.
 */
export function bundleFunction(folder: string, entry: string): string {
  const { plugins: _, ...options } = SERVICE_BUILD;
  const { outputFiles } = buildSync({
    entryPoints: [join(ROOT, folder, entry)],
    write: false,
    ...options,
  });
  return outputFiles.map(({ text }) => text).join('');
}

/** `npm run build -- [folder]`: writes to `dist/service` and prints the paths. */
export async function main(outDir = join(ROOT, 'dist/service'), folder?: string): Promise<void> {
  if (folder === '--help') {
    console.log('npm run build -- [folder]: bundles a service (default: service) to dist/service.');
    return;
  }
  try {
    const { main: container, lambda } = await bundleService(outDir, folder);
    console.log([container, lambda].filter((path) => existsSync(path)).join('\n'));
  } catch (error) {
    console.error(`The service could not be bundled: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

/* v8 ignore next -- true on the command line only */
if (require.main === module) void main(undefined, process.argv[2]);
