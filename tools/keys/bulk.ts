// Issues a key for every line of a CSV file, one after the other, and tells what came of each line.
import { readFileSync } from 'node:fs';
import { CsvError, parseCsv, type CsvRow } from './csv';
import { parseDuration } from './duration';
import { KeyError } from './key-error';
import { RequestError, type KeyRequest } from './request';
import type { IssuedKey } from './store';

/** Columns of the file; `scopes` and `cidrs` are separated by blanks, `expires` is a duration. */
export const BULK_COLUMNS = ['owner', 'scopes', 'cidrs', 'name', 'expires'] as const;

export interface BulkOptions {
  readonly rows: readonly CsvRow[];
  /** What a row gets that leaves a column empty. */
  readonly defaults: Omit<KeyRequest, 'owner'>;
  readonly issue: (request: KeyRequest) => Promise<IssuedKey>;
  /** Hands a key on; the next one is made when this has ended. */
  readonly onIssued: (issued: IssuedKey) => Promise<void>;
  /** Called after every row. */
  readonly onProgress: () => void;
  /** Asked before every row: whether to go on. */
  readonly isStopped: () => boolean;
}

export interface BulkFailure {
  readonly line: number;
  readonly owner: string;
  readonly reason: string;
}

/** What became of the lines. */
export interface BulkOutcome {
  /** Lines that have no key, each with its reason. */
  readonly failures: readonly BulkFailure[];
  /** Lines that were not begun: whoever asked stopped, or AWS failed, which it would at each. */
  readonly left: readonly CsvRow[];
}

/** @throws KeyError when the file can't be read or is no such CSV. */
export function readBulkFile(path: string): CsvRow[] {
  try {
    return parseCsv(readFileSync(path, 'utf8'), BULK_COLUMNS, ['owner']);
  } catch (error) {
    if (error instanceof CsvError) {
      throw new KeyError(`${path}: ${error.message}`, { cause: error });
    }
    const { code } = error as NodeJS.ErrnoException;
    throw new KeyError(`The file ${path} could not be read (${code}).`, { cause: error });
  }
}

/**
 * In the order of the file. It goes on after a line that is wrong, and ends after a failure that is not
 * the line's.
 */
export async function issueInBulk(options: BulkOptions): Promise<BulkOutcome> {
  const { rows, onProgress, isStopped } = options;
  const failures: BulkFailure[] = [];
  for (const [at, row] of rows.entries()) {
    if (isStopped()) return { failures, left: rows.slice(at) };
    const { line } = row;
    const owner = row.fields.owner as string;
    try {
      await issueLine(row, options);
    } catch (error) {
      failures.push({ line, owner, reason: (error as Error).message });
      const isOfTheLine = error instanceof RequestError || error instanceof RangeError;
      if (!isOfTheLine) return { failures, left: rows.slice(at + 1) };
    }
    onProgress();
  }
  return { failures, left: [] };
}

async function issueLine(row: CsvRow, options: BulkOptions): Promise<void> {
  const issued = await options.issue(requestOf(row, options.defaults));
  try {
    await options.onIssued(issued);
  } catch (error) {
    const { keyId } = issued.record;
    throw new KeyError(
      `The key ${keyId} was made and could not be written (${(error as Error).message}): nobody has ` +
        `it. Revoke it with "keys revoke ${keyId}".`,
      { cause: error },
    );
  }
}

function requestOf({ fields }: CsvRow, defaults: BulkOptions['defaults']): KeyRequest {
  const { owner = '', scopes = '', cidrs = '', name = '', expires = '' } = fields;
  return {
    ...defaults,
    owner,
    ...(name === '' ? {} : { name }),
    ...(scopes === '' ? {} : { scopes: scopes.split(/\s+/) }),
    ...(cidrs === '' ? {} : { cidrs: cidrs.split(/\s+/) }),
    ...(expires === '' ? {} : { expiresInSeconds: parseDuration(expires) }),
  };
}
