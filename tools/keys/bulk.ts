// Issues a key for every line of a CSV file, goes on after a failure, and tells what failed.
import { readFileSync } from 'node:fs';
import { CsvError, parseCsv, type CsvRow } from './csv';
import { parseDuration } from './duration';
import type { KeyRequest } from './request';
import { KeyError, type IssuedKey } from './store';

/** Columns of the file; `scopes` and `cidrs` are separated by blanks, `expires` is a duration. */
export const BULK_COLUMNS = ['owner', 'scopes', 'cidrs', 'name', 'expires'] as const;

export interface BulkOptions {
  readonly rows: readonly CsvRow[];
  /** What a row gets that leaves a column empty. */
  readonly defaults: Omit<KeyRequest, 'owner'>;
  readonly issue: (request: KeyRequest) => Promise<IssuedKey>;
  /** Called with every key at once: what comes later may fail. */
  readonly onIssued: (issued: IssuedKey) => void;
  /** Called after every row. */
  readonly onProgress: () => void;
}

export interface BulkFailure {
  readonly line: number;
  readonly owner: string;
  readonly reason: string;
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

/** One key after the other, in the order of the file. */
export async function issueInBulk(options: BulkOptions): Promise<BulkFailure[]> {
  const failures: BulkFailure[] = [];
  for (const row of options.rows) {
    const owner = row.fields.owner as string;
    try {
      options.onIssued(await options.issue(requestOf(row, options.defaults)));
    } catch (error) {
      failures.push({ line: row.line, owner, reason: (error as Error).message });
    }
    options.onProgress();
  }
  return failures;
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
