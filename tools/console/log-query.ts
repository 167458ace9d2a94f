// The part of Logs Insights that the recorded log tables use: fields, filter, stats, sort, limit.
import type { Logs } from './logs';
import type { LogRow, LogLine, LogSource } from './view';

type Row = Record<string, string | number>;

const DEFAULT_LIMIT = 50;
/** Lines that a query looks at. */
const SCANNED = 4_000;

/**
 * Runs a query over the local logs.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 * @returns undefined when it uses a command that is not imitated here.
 */
export function runQuery(query: string, logs: Logs, sinceMs: number): LogRow[] | undefined {
  const [sources = [], commands] = split(query);
  let rows: Row[] = logs
    .find({ sources, sinceMs, limit: SCANNED })
    .map((line) => ({ ...fieldsOf(line), '@timestamp': new Date(line.atMs).toISOString() }));
  let shown: string[] | undefined;
  let limit = DEFAULT_LIMIT;
  for (const command of commands) {
    const [, verb = '', rest = ''] = /^(\w+)\s+([\s\S]*)$/.exec(command) ?? [];
    switch (verb) {
      case 'fields':
      case 'display':
        shown = rest.split(',').map((name) => name.trim());
        break;
      case 'filter': {
        const test = conditionOf(rest);
        if (test === undefined) return undefined;
        rows = rows.filter(test);
        break;
      }
      case 'stats': {
        const counted = statistics(rest, rows);
        if (counted === undefined) return undefined;
        ({ rows, shown } = counted);
        break;
      }
      case 'sort': {
        const [field = '', order = 'asc'] = rest.split(/\s+/);
        const sign = order === 'desc' ? -1 : 1;
        rows = [...rows].sort((a, b) => sign * compare(a[field], b[field]));
        break;
      }
      case 'limit':
        limit = Number(rest);
        break;
      default:
        return undefined;
    }
  }
  const columns = shown ?? ['@timestamp', '@message'];
  return rows
    .slice(0, limit)
    .map((row) =>
      Object.fromEntries(
        columns.map((name) => [name, row[name] === undefined ? '' : String(row[name])]),
      ),
    );
}

/** Which logs are asked, and the commands after them. */
function split(query: string): [LogSource[], string[]] {
  const parts = query.split('|').map((part) => part.trim());
  const isSource = (part: string) => /^SOURCE\b/i.test(part);
  const groups = parts.filter(isSource).join(' ');
  const sources: LogSource[] = /edge|lambda\/us-east-1/i.test(groups)
    ? ['edge']
    : /waf|access|cloudfront/i.test(groups)
      ? ['access']
      : ['service'];
  return [sources, parts.filter((part) => !isSource(part) && part !== '')];
}

function fieldsOf(line: LogLine): Row {
  return { ...line.fields, '@message': line.text, '@logStream': line.from };
}

type Test = (row: Row) => boolean;

/** Comparisons joined by `and`: `a = "b"`, `a in ["b"]`, `a >= 500`, `ispresent(a)`. */
function conditionOf(text: string): Test | undefined {
  const tests = text.split(/\s+and\s+/i).map(comparison);
  return tests.every((test) => test !== undefined)
    ? (row) => tests.every((test) => test(row))
    : undefined;
}

function comparison(text: string): Test | undefined {
  const present = /^ispresent\(([\w@.]+)\)$/.exec(text.trim());
  if (present !== null) return (row) => row[present[1] ?? ''] !== undefined;
  const list = /^([\w@.]+)\s+in\s+\[([^\]]*)\]$/.exec(text.trim());
  if (list !== null) {
    const values = (list[2] ?? '').split(',').map((each) => unquoted(each.trim()));
    return (row) => values.includes(String(row[list[1] ?? '']));
  }
  const compared = /^([\w@.]+)\s*(!=|>=|<=|=|>|<)\s*(.+)$/.exec(text.trim());
  if (compared === null) return undefined;
  const [, field = '', operator = '', wanted = ''] = compared;
  const value = unquoted(wanted.trim());
  return (row) => {
    const found = row[field];
    if (found === undefined) return false;
    if (operator === '=') return String(found) === value;
    if (operator === '!=') return String(found) !== value;
    const difference = Number(found) - Number(value);
    return operator.startsWith('>')
      ? difference > 0 || (operator === '>=' && difference === 0)
      : difference < 0 || (operator === '<=' && difference === 0);
  };
}

/** `count(*) as requests by Reason, keyId`. */
function statistics(
  text: string,
  rows: readonly Row[],
): { rows: Row[]; shown: string[] } | undefined {
  const parts = /^count\(\*\)(?:\s+as\s+(\w+))?(?:\s+by\s+([\s\S]+))?$/.exec(text.trim());
  if (parts === null) return undefined;
  const name = parts[1] ?? 'count';
  const by = (parts[2] ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean);
  const groups = Map.groupBy(rows, (row) => JSON.stringify(by.map((field) => row[field] ?? '')));
  return {
    shown: [...by, name],
    rows: [...groups.values()].map((group) => ({
      ...Object.fromEntries(by.map((field) => [field, group[0]?.[field] ?? ''])),
      [name]: group.length,
    })),
  };
}

function unquoted(text: string): string {
  return text.replace(/^["'](.*)["']$/, '$1');
}

function compare(a: string | number | undefined, b: string | number | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a ?? '').localeCompare(String(b ?? ''));
}
