// Reads the tables of docs/security-controls.md and holds them against recorded resources.
import type { RecordedResource, Recording } from '../../recorder/record';

/** One row: what a property of every resource of a type must be. */
export interface ControlRow {
  readonly control: string;
  readonly reason?: string;
  readonly resource: string;
  readonly property: string;
  readonly value: string;
  /** `egress: endpoints`, or nothing. */
  readonly plan: string;
}

/** A check that a row names by `check: name`. */
export type Check = (value: unknown, resource: RecordedResource, recording: Recording) => boolean;

/** Rows of every table whose header has a column "Value", by the headings of its columns. */
export function controlRows(markdown: string): ControlRow[] {
  return tables(markdown)
    .filter(({ columns }) => columns.includes('Value'))
    .flatMap(({ columns, rows }) =>
      rows.map((cells) => {
        const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
        return {
          control: cell('Control'),
          ...(columns.includes('Reason') ? { reason: cell('Reason') } : {}),
          resource: code(cell('Resource')),
          property: code(cell('Property')),
          value: code(cell('Value')),
          plan: cell('Plan'),
        };
      }),
    );
}

/** Rows of the table of checks that something else covers: "Covered by", and the checks. */
export function coverRows(markdown: string): { cover: string; checks: string[] }[] {
  return tables(markdown)
    .filter(({ columns }) => columns[0] === 'Covered by')
    .flatMap(({ rows }) =>
      rows.map(([cover = '', checks = '']) => ({ cover, checks: checks.split(', ') })),
    );
}

interface Table {
  columns: string[];
  rows: string[][];
}

function tables(markdown: string): Table[] {
  return markdown.split(/\n\n+/).flatMap((block) => {
    const lines = block.split('\n').filter((line) => line.startsWith('|'));
    const [header, , ...rows] = lines.map(cellsOf);
    return header === undefined ? [] : [{ columns: header, rows }];
  });
}

/** Cells of a row; a bar within a cell is written `\|`. */
function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function code(cell: string): string {
  return cell.replace(/^`(.*)`$/, '$1');
}

/** What breaks a row; nothing when it holds for every resource of its type. */
export function brokenBy(
  row: ControlRow,
  recording: Recording,
  checks: Record<string, Check>,
): string[] {
  const found = recording.resources.filter(({ type }) => type === `aws:${row.resource}`);
  if (row.value === 'none') return found.map(({ name }) => `${name} is there`);
  if (found.length === 0) return [`there is no ${row.resource}`];
  const holds = predicate(row.value, recording, checks);
  const steps = row.property.match(/\[\*\]|\[\?\]|\["[^"]+"\]|[^.[\]]+/g) ?? [];
  return found
    .filter((resource) => !follow(resource.inputs, steps, (value) => holds(value, resource)))
    .map(({ name }) => `${name}: ${row.property} is not ${row.value}`);
}

function follow(
  value: unknown,
  steps: readonly string[],
  holds: (value: unknown) => boolean,
): boolean {
  const [step, ...rest] = steps;
  if (step === undefined) return holds(value);
  const inside = typeof value === 'string' ? (JSON.parse(value) as unknown) : value;
  if (step === '[*]') return elements(inside).every((each) => follow(each, rest, holds));
  if (step === '[?]') return elements(inside).some((each) => follow(each, rest, holds));
  const key = step.replace(/^\["(.*)"\]$/, '$1');
  return follow((inside as Record<string, unknown> | undefined)?.[key], rest, holds);
}

function elements(value: unknown): unknown[] {
  const inside = typeof value === 'string' ? (JSON.parse(value) as unknown) : value;
  return Array.isArray(inside) ? (inside as unknown[]) : [];
}

function predicate(
  text: string,
  recording: Recording,
  checks: Record<string, Check>,
): (value: unknown, resource: RecordedResource) => boolean {
  if (text.startsWith('check: ')) {
    const check = checks[text.slice('check: '.length)];
    if (check === undefined)
      throw new Error(`The table names ${text}, which the test does not have.`);
    return (value, resource) => check(value, resource, recording);
  }
  if (text === 'set') return (value) => value !== undefined && value !== null && value !== '';
  if (text === 'absent') return (value) => value === undefined || value === null;
  if (text.startsWith('>= ')) {
    const least = Number(text.slice(3));
    return (value) => (Array.isArray(value) ? value.length : Number(value)) >= least;
  }
  if (text.startsWith('/')) {
    const pattern = new RegExp(text.slice(1, text.lastIndexOf('/')));
    return (value) => typeof value === 'string' && pattern.test(value);
  }
  const expected = JSON.stringify(JSON.parse(text));
  return (value) => JSON.stringify(value) === expected;
}
