// Opens an address in the browser of whoever started the platform.
import { spawn } from 'node:child_process';

/** What opens an address, by `process.platform`; Linux and the BSDs have the last. */
const OPENERS: Record<string, readonly [string, ...string[]] | undefined> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};
const FREEDESKTOP: readonly [string, ...string[]] = ['xdg-open'];

/**
 * Opens it, if there is something that can.
 * @param say told why not.
 */
export function openBrowser(
  url: string,
  say: (message: string) => void,
  [program, ...args]: readonly [string, ...string[]] = OPENERS[process.platform] ?? FREEDESKTOP,
): void {
  const refused = (why: string) => say(`No browser was opened (${why}): visit ${url}`);
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  child.once('error', ({ message }) => refused(message));
  child.once('exit', (code) => {
    if (code !== 0) refused(`${program} ended with ${code}`);
  });
  child.unref();
}
