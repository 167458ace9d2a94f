// A new file that only its owner may read, for keys that should not pass through a terminal.
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { KeyError } from './key-error';

export interface SecretFile {
  /** Appends, and waits until it is on the disk: a key that is lost can't be shown again. */
  readonly write: (text: string) => void;
  /** Closes it; a file that nothing was written to is removed. */
  readonly close: () => void;
}

/**
 * Creates the file with mode 600. It is made before any key is, so that no key is issued that has
 * nowhere to go.
 * @throws KeyError when the file exists already, or can't be made.
 */
export function createSecretFile(path: string): SecretFile {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new KeyError(
      code === 'EEXIST'
        ? `The file ${path} exists already and is not written over. Give another name.`
        : `The file ${path} could not be created (${code}). No key was issued.`,
      { cause: error },
    );
  }
  let isEmpty = true;
  return {
    write(text) {
      isEmpty = false;
      writeSync(file, text);
      fsyncSync(file);
    },
    close() {
      closeSync(file);
      if (isEmpty) {
        rmSync(path);
      }
    },
  };
}
