// Hash of the files that an image is made of: the same files give the same image tag.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Tests are not part of what is deployed. */
const LEFT_OUT = /\.test\.ts$|(^|\/)(testing|node_modules)(\/|$)/;

/**
 * Twelve hexadecimal digits over names and contents of files and folders, in order of name.
 * @param root Folder that the paths are relative to.
 * @param paths Files and folders; a missing one counts as empty.
 */
export function contentHash(root: string, paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths.flatMap((each) => filesUnder(root, each))) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 12);
}

function filesUnder(root: string, path: string): string[] {
  if (LEFT_OUT.test(path)) return [];
  const stats = statSync(join(root, path), { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [path];
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => filesUnder(root, `${path}/${name}`));
}
