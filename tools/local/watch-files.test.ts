// Tests of watching files, on a real folder.
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../contracts/testing/time';
import { watchFiles } from './watch-files';

describe('watchFiles', () => {
  let root: string;
  let end: () => void;
  afterEach(() => {
    end();
    rmSync(root, { recursive: true });
  });

  it('tells of a file again after an editor has replaced it by another', async () => {
    root = mkdtempSync(join(tmpdir(), 'gatehouse-'));
    mkdirSync(join(root, 'src/users'), { recursive: true });
    const file = join(root, 'src/users/routes.ts');
    writeFileSync(file, '1');
    const told: string[][] = [];
    end = watchFiles(root, ['src'], (paths) => told.push(paths));
    for (const round of [1, 2, 3]) {
      const changes = told.length;
      writeFileSync(join(root, 'src/users/routes.ts~'), String(round));
      renameSync(join(root, 'src/users/routes.ts~'), file);
      await until(() => told.length > changes);
    }
    writeFileSync(file, 'in place');
    await until(() => told.length > 3);
    expect(told.flat()).toEqual(told.map(() => 'src/users/routes.ts'));
  });
});
