// Watches folders for what somebody changes in them, and tells it once when the changes pause.
import { watch } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** An editor writes, renames and sets times: one change. */
const PAUSE_MS = 120;
/** Written by programs and editors as they run, not by somebody who changes the program. */
const NOT_SOURCE =
  /^\.|^(node_modules|__pycache__|dist|coverage)$|\.(log|pyc|db|sqlite|tmp|swp)$|~$|-(wal|shm|journal)$/;

/**
 * @param onChange told of the changed paths, relative to `root`.
 * @returns what ends it.
 * @throws Error when a folder can't be watched.
 */
export function watchFiles(
  root: string,
  folders: readonly string[],
  onChange: (paths: string[]) => void,
): () => void {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const watchAll = () =>
    folders.map((folder) =>
      watch(join(root, folder), { recursive: true }, (_event, name) => {
        if (name === null || name.split(sep).some((part) => NOT_SOURCE.test(part))) return;
        changed.add(relative(root, join(root, folder, name)));
        clearTimeout(timer);
        timer = setTimeout(tell, PAUSE_MS);
      }),
    );
  const unwatch = () => {
    for (const watcher of watchers) watcher.close();
  };
  const tell = () => {
    const paths = [...changed].sort();
    changed.clear();
    // On Linux Node looks at each file, and loses one that an editor replaces by another.
    unwatch();
    watchers = watchAll();
    onChange(paths);
  };
  let watchers = watchAll();
  return () => {
    clearTimeout(timer);
    unwatch();
  };
}
