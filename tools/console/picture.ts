// `npm run picture`: starts the platform, calls it for a while, and takes the picture of the console for the README.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { API_KEY_HEADER } from '../../contracts/headers';
import { PROJECT_DIRECTORY } from '../../recorder/stack-file';
import { startPlatform } from '../local/platform';
import type { Platform } from '../local/platform';
import { samplePath } from '../local/sample-path';
import { launchBrowser } from '../testing/browser';

const FILE = join(PROJECT_DIRECTORY, 'docs/pictures/console.png');
const CALLS_MS = 90_000;
const PAUSE_MS = 70;
/** Some are denied, so that the picture has more than one colour. */
const DENIED_EVERY = 9;

async function main(): Promise<void> {
  const platform = await startPlatform({ stack: 'dev', port: 0, consolePort: 0, tasks: 2 });
  try {
    await call(platform);
    await take(platform.console);
  } finally {
    await platform.close();
  }
  process.stdout.write(`${FILE}\n`);
}

/** Calls what the workload lets a key read, one after another. */
async function call({ edge, key, workload }: Platform): Promise<void> {
  const paths = workload.rules
    .filter(({ methods, access }) => methods.includes('GET') && access !== 'public')
    .map(samplePath);
  const endMs = Date.now() + CALLS_MS;
  for (let turn = 0; Date.now() < endMs; turn += 1) {
    const path = paths[turn % paths.length] ?? '/';
    const value = turn % DENIED_EVERY === 0 ? 'nonsense' : key;
    await fetch(`${edge}${path}`, { headers: { [API_KEY_HEADER]: value } });
    await sleep(PAUSE_MS);
  }
}

async function take(url: string): Promise<void> {
  const browser = await launchBrowser();
  const viewport = { width: 1280, height: 900 };
  const page = await browser.newPage({ viewport, colorScheme: 'light' });
  await page.goto(url);
  await page.locator('[aria-label=Callers] tbody tr').first().waitFor();
  await page.screenshot({ path: FILE });
  await browser.close();
}

new Command('npm run picture')
  .description(
    'Runs the platform under some load and takes the picture of its console for the README ' +
      '(docs/pictures/console.png), in a Chromium that CHROMIUM names.',
  )
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

void main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
});
