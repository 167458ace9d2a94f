// What git says of the project: the commit, and whether the tree is that commit.
import { execFileSync } from 'node:child_process';
import { DeployError } from './io';

/** @returns the full hash of the commit that is checked out. @throws DeployError for a changed tree. */
export function cleanCommit(root: string): string {
  const changed = git(root, ['status', '--porcelain']).split('\n').filter(Boolean);
  if (changed.length > 0) {
    const names = changed.slice(0, 5).map((line) => line.slice(3));
    const more = changed.length > 5 ? ` and ${changed.length - 5} more` : '';
    throw new DeployError(
      `The working tree differs from its commit (${names.join(', ')}${more}), so nobody could say later ` +
        'what was deployed. Commit or stash first.',
    );
  }
  return git(root, ['rev-parse', 'HEAD']).trim();
}

function git(root: string, args: string[]): string {
  try {
    return execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    throw new DeployError(
      `git could not tell which commit this is (${stderr.trim() || message}): a change is saved for a ` +
        'commit, so it needs a git checkout.',
      { cause: error },
    );
  }
}
