import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../contracts/testing/time';
import { followLogs } from './follow-logs';

describe('followLogs', () => {
  let folder: string;
  let printed: string[];
  let stop: () => void;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
    printed = [];
  });
  afterEach(() => {
    stop();
    rmSync(folder, { recursive: true });
  });
  const follow = () => {
    stop = followLogs(folder, (line) => printed.push(line));
  };
  const write = (name: string, text: string | Buffer) => appendFileSync(join(folder, name), text);

  it('prints whole lines of every log, those of a task that starts later too', async () => {
    write('edge.log', 'first\nsec');
    write('other.txt', 'no log\n');
    follow();
    expect(printed).toEqual(['edge | first']);
    write('edge.log', 'ond\n');
    write('task-2.log', 'hello\n');
    await until(() => printed.length === 3);
    expect(printed.sort()).toEqual(['edge | first', 'edge | second', 'task-2 | hello']);
  });

  it('prints what was written last before it ends, and letters that came in two parts', () => {
    follow();
    const letter = Buffer.from('ä\n');
    write('task-1.log', letter.subarray(0, 1));
    write('task-1.log', letter.subarray(1));
    stop();
    expect(printed).toEqual(['task-1 | ä']);
  });

  it('reads a log anew that was begun again', () => {
    write('task-1.log', 'the first run\n');
    follow();
    writeFileSync(join(folder, 'task-1.log'), 'again\n');
    stop();
    expect(printed).toEqual(['task-1 | the first run', 'task-1 | again']);
  });

  it('reads what is longer than one chunk', () => {
    const line = 'x'.repeat(200_000);
    write('task-1.log', `${line}\n`);
    follow();
    expect(printed).toEqual([`task-1 | ${line}`]);
  });
});
