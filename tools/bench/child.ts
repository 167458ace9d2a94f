// Starts a benchmark's server, bundled as the service is, in a process of its own; learns its port.
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { SERVICE_BUILD } from '../../service/bundle';

export interface BenchServer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Files of this folder that take the place of modules, by how their paths end. @default none */
  readonly replace?: Readonly<Record<string, string>>;
}

/**
 * Runs a TypeScript file of this folder, which prints its port as first line.
 * @throws Error when it ends before it prints one.
 */
export async function startServer(
  file: string,
  { env = {}, replace = {} }: ServerOptions = {},
): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
  const outfile = join(folder, 'server.js');
  // A loader like tsx would add code of its own to every function that is measured.
  await build({
    ...SERVICE_BUILD,
    entryPoints: [join(__dirname, file)],
    outfile,
    plugins: [...SERVICE_BUILD.plugins, replacing(replace)],
    // The peer's packages ask for it, and CommonJS has none.
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'error',
  });
  const child = spawn(process.execPath, [outfile], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', ...env },
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([
    once(lines, 'line').then(([text]) => String(text)),
    exited.then(() => undefined),
  ]);
  if (line === undefined) throw new Error(`${file} ended before it listened.`);
  return {
    url: `http://127.0.0.1:${line}`,
    pid: child.pid ?? -1,
    async stop() {
      child.kill();
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function replacing(files: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'replace',
    setup(bundler) {
      const unused = new Set(Object.keys(files));
      bundler.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
        const module = resolve(resolveDir, path);
        const [end, file] = Object.entries(files).find(([each]) => module.endsWith(each)) ?? [];
        if (end === undefined || file === undefined) return undefined;
        unused.delete(end);
        return { path: join(__dirname, file) };
      });
      // A figure that compares a thing with itself looks like any other.
      bundler.onEnd(() => {
        if (unused.size > 0) throw new Error(`No module ends in ${[...unused].join(', ')}.`);
      });
    },
  };
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
