// Bundles the page at start: one script and one style sheet, from what is in node_modules and nothing else.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** What is served, by path. */
export type Assets = Record<string, { text: string; type: string }>;

const PAGE = join(__dirname, 'page');

/** @throws Error when the page does not compile. */
export async function bundlePage(): Promise<Assets> {
  const [script, style] = await Promise.all([
    bundled('main.tsx', { jsx: 'automatic', jsxImportSource: 'preact' }),
    bundled('style.css', {}),
  ]);
  return {
    '/': { text: readFileSync(join(PAGE, 'index.html'), 'utf8'), type: 'text/html; charset=utf-8' },
    '/console.js': { text: script, type: 'text/javascript; charset=utf-8' },
    '/console.css': { text: style, type: 'text/css; charset=utf-8' },
  };
}

/** Script and style of a page that draws dashboards from what it holds itself. */
export async function bundlePlanPage(): Promise<{ script: string; style: string }> {
  const [script, style] = await Promise.all([
    bundled('plan.tsx', { jsx: 'automatic', jsxImportSource: 'preact' }),
    bundled('style.css', {}),
  ]);
  return { script, style };
}

async function bundled(
  entry: string,
  options: { jsx?: 'automatic'; jsxImportSource?: string },
): Promise<string> {
  const { outputFiles } = await build({
    ...options,
    entryPoints: [join(PAGE, entry)],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'es2022',
    logLevel: 'silent',
    legalComments: 'none',
  });
  return outputFiles[0]?.text ?? '';
}
