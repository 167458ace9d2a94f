// Prints the platform's log files as they grow, each line after the name of its file.
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

/** Somebody watches; a file system's own notices differ too much between systems. */
const INTERVAL_MS = 200;
const CHUNK_BYTES = 65_536;

interface Followed {
  offset: number;
  decoder: StringDecoder;
  /** What came after the last line break. */
  rest: string;
}

/**
 * Follows the `.log` files of a folder, those that appear later too.
 * @param print gets one line, its end left out.
 * @returns ends it, after what was written last.
 */
export function followLogs(folder: string, print: (line: string) => void): () => void {
  const files = new Map<string, Followed>();
  const look = () => {
    for (const name of readdirSync(folder)) {
      if (!name.endsWith('.log')) continue;
      const file = files.get(name) ?? { offset: 0, decoder: new StringDecoder(), rest: '' };
      files.set(name, file);
      const lines = (file.rest + added(join(folder, name), file)).split('\n');
      file.rest = lines.pop() ?? '';
      for (const line of lines) print(`${basename(name, '.log')} | ${line}`);
    }
  };
  look();
  const timer = setInterval(look, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    look();
  };
}

/** What was added to a file since it was read last; one that became shorter is read anew. */
function added(path: string, file: Followed): string {
  const { size } = statSync(path);
  if (size < file.offset) file.offset = 0;
  if (size === file.offset) return '';
  const descriptor = openSync(path, 'r');
  try {
    let text = '';
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, size - file.offset));
    while (file.offset < size) {
      const count = readSync(descriptor, chunk, 0, chunk.length, file.offset);
      if (count === 0) break;
      file.offset += count;
      text += file.decoder.write(chunk.subarray(0, count));
    }
    return text;
  } finally {
    closeSync(descriptor);
  }
}
