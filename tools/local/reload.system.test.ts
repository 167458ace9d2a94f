// `--watch` on the local platform: a changed file replaces the tasks under load, and what is broken changes nothing.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../contracts/testing/time';
import type { Platform } from './platform';
import { ROOT } from './testing/command';
import { ExamplePlatform, withCommand } from './testing/examples';

/** Four at a time: some are under way whenever a task is replaced, and no rate limit is met. */
const CALLERS = 4;
const PAUSE_MS = 25;

let example: ExamplePlatform;
beforeEach(() => {
  example = new ExamplePlatform();
});
afterEach(() => example.close());

/** Calls without a pause in the calling; `seen` counts each answer. */
function load({ edge, key }: Platform, path: string) {
  const seen = new Map<string, number>();
  let isOver = false;
  const call = async () => {
    while (!isOver) {
      const response = await fetch(`${edge}${path}`, { headers: { 'x-api-key': key } });
      const answer = `${response.status} ${await response.text()}`;
      seen.set(answer, (seen.get(answer) ?? 0) + 1);
      await sleep(PAUSE_MS);
    }
  };
  const calling = Array.from({ length: CALLERS }, call);
  const end = async () => {
    isOver = true;
    await Promise.all(calling);
    return [...seen.keys()];
  };
  return { seen, end };
}

function change(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
}

const pids = ({ parts }: Platform) => parts.fleet.tasks().map(({ pid }) => pid);

describe('a service whose files change', () => {
  it('is replaced task by task without a failed request, and stays when the change is broken', async () => {
    cpSync(join(ROOT, 'examples/notes'), example.folder, { recursive: true });
    const file = join(example.folder, 'src/app.ts');
    const platform = await example.startWith(
      { service: relative(ROOT, example.folder) },
      { tasks: 2, watch: true },
    );
    const before = pids(platform);
    const { seen, end } = load(platform, '/notes/none');
    const isSeen = (text: string) => [...seen.keys()].some((answer) => answer.includes(text));
    const isSaid = (pattern: RegExp) =>
      until(() => example.said.some((each) => pattern.test(each)));
    await until(() => isSeen('There is no such note.'));

    change(file, 'There is no such note.', 'Nobody wrote that.');
    await isSaid(/src\/app\.ts: 2 tasks replaced in [\d.]+ s\.$/);
    await until(() => isSeen('Nobody wrote that.'));
    const after = pids(platform);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);

    change(file, 'export const notes', 'export const notes :=');
    await isSaid(/does not build, and the old tasks stay\.\n[^]*src\/app\.ts:\d+:\d+/);
    change(file, 'export const notes :=', 'throw new Error("no notes");\nexport const notes');
    await isSaid(/does not take over, and the old tasks stay\.\n[^]*no notes/);
    change(file, 'throw new Error("no notes");\n', '// A word.\n');
    await isSaid(/is the same as before; they stay\.$/);
    expect(pids(platform)).toEqual(after);
    expect((await end()).filter((answer) => !/^404 .*(no such|Nobody)/.test(answer))).toEqual([]);
  });
});

describe('the local program of an image', () => {
  it('is replaced when a file beside it changes', async () => {
    const file = join(example.folder, 'server.js');
    cpSync(join(ROOT, 'examples/orders/server.js'), file);
    const platform = await example.start(withCommand(['node', 'server.js']), { watch: true });
    const { seen, end } = load(platform, '/orders');
    await until(() => seen.has('200 {"orders":[]}'));
    change(file, '{ orders }', '{ list: orders }');
    await until(() => seen.has('200 {"list":[]}'));
    expect((await end()).sort()).toEqual(['200 {"list":[]}', '200 {"orders":[]}']);
    expect(example.said).toContainEqual(expect.stringContaining('server.js: 1 task replaced'));
  });
});
