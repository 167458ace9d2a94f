// Reads and writes CSV as RFC 4180 has it: quoted fields, doubled quotes, any line end.

/** Thrown with the line at fault. */
export class CsvError extends Error {
  override readonly name = 'CsvError';
}

/** A row with the line on which it starts, counted from 1. */
export interface CsvRow {
  readonly line: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** An unquoted or quoted field and what ends it: a comma, a line end, or the end of the text. */
const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;

/**
 * Reads a CSV text with a header line; empty lines are skipped, blanks around fields dropped.
 * @param columns the header names that are known.
 * @param required the ones that must be there.
 * @throws CsvError for an unknown or missing column, a row of another length, or a stray quote.
 */
export function parseCsv(
  text: string,
  columns: readonly string[],
  required: readonly string[],
): CsvRow[] {
  // A byte-order mark is what spreadsheets begin a file with.
  const [header, ...rows] = splitRows(text.replace(/^\uFEFF/, ''));
  const names = header?.fields.map((name) => name.toLowerCase()) ?? [];
  const expected = `expected the columns ${columns.join(', ')} (${required.join(', ')} at least)`;
  const unknown = names.filter((name) => !columns.includes(name));
  const missing = required.filter((name) => !names.includes(name));
  if (unknown.length > 0 || missing.length > 0 || new Set(names).size < names.length) {
    throw new CsvError(`The first line is ${JSON.stringify(names.join(','))}; ${expected}.`);
  }
  return rows.map(({ line, fields }) => {
    if (fields.length !== names.length) {
      throw new CsvError(
        `Line ${line} has ${fields.length} fields, expected ${names.length} as the first line has.`,
      );
    }
    return {
      line,
      fields: Object.fromEntries(names.map((name, i) => [name, fields[i] as string])),
    };
  });
}

function splitRows(text: string): { line: number; fields: string[] }[] {
  const rows: { line: number; fields: string[] }[] = [];
  let fields: string[] = [];
  let line = 1;
  let start = 1;
  for (let at = 0; at < text.length; at = FIELD.lastIndex) {
    FIELD.lastIndex = at;
    const match = FIELD.exec(text);
    if (match === null) {
      throw new CsvError(`Line ${line} has a quote where none may be; quote the whole field.`);
    }
    const [whole, quoted, plain = '', end] = match;
    fields.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    line += whole.match(/\r\n|\n|\r/g)?.length ?? 0;
    const isLast = FIELD.lastIndex === text.length && end !== ',';
    if (end !== ',' || isLast) {
      if (fields.some((field) => field !== '')) {
        rows.push({ line: start, fields });
      }
      fields = [];
      start = line;
    }
  }
  if (fields.length > 0) {
    // The text ends with a comma: one more field, an empty one.
    rows.push({ line: start, fields: [...fields, ''] });
  }
  return rows;
}

/**
 * One line of CSV; quoted where it must be. What a spreadsheet would run as a formula gets an apostrophe
 * before it, by which spreadsheets take it for text.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvLine(fields: readonly string[]): string {
  return `${fields.map((field) => quote(FORMULA.test(field) ? `'${field}` : field)).join(',')}\n`;
}

const FORMULA = /^[=+\-@\t\r]/;

function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
