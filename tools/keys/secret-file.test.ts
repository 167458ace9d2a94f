// The file that keys are written to.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecretFile } from './secret-file';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gatehouse-keys-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('createSecretFile', () => {
  it('makes a file for its owner alone', () => {
    const path = join(folder, 'key');
    const file = createSecretFile(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    file.write('one\n');
    file.write('two\n');
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });

  it('leaves no empty file behind', () => {
    const path = join(folder, 'key');
    createSecretFile(path).close();
    expect(existsSync(path)).toBe(false);
  });

  it('writes over nothing', () => {
    const path = join(folder, 'key');
    writeFileSync(path, 'precious');
    expect(() => createSecretFile(path)).toThrow(/exists already and is not written over/);
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  it('says when it can not be made', () => {
    expect(() => createSecretFile(join(folder, 'missing', 'key'))).toThrow(/ENOENT.*No key/);
  });
});
