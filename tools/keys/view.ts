// What a person, or a program by --json, sees of a key; never its hash, and the key itself once.
import type { KeyRecord } from '../../contracts/api-key';
import { formatDuration } from './duration';

/** `rotating`: replaced by another key, and working until its overlap ends. */
export type ShownStatus = 'active' | 'rotating' | 'expired' | 'revoked';

export interface KeyView {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** Blocks of addresses that it may be used from; absent when every address will do. */
  readonly cidrs?: readonly string[];
  readonly status: ShownStatus;
  /** ISO times. */
  readonly createdAt: string;
  readonly expiresAt: string;
  /** Whether it works now and ends within {@link EXPIRING_SOON_SECONDS}. */
  readonly expiringSoon: boolean;
  readonly rotatedFrom?: string;
  readonly rotatedTo?: string;
  readonly revokedAt?: string;
  /** When it was last allowed; null when it was not, as far back as `list` looks; absent if unknown. */
  readonly lastUsedAt?: string | null;
}

/** 14 days: time for an owner to be asked, to answer and to rotate. */
export const EXPIRING_SOON_SECONDS = 14 * 86_400;

/** @param now epoch milliseconds. */
export function viewOf(record: KeyRecord, now: number): KeyView {
  const left = record.expiresAt - now / 1000;
  const status = statusOf(record, left);
  return {
    id: record.keyId,
    owner: record.owner,
    name: record.name,
    scopes: record.scopes,
    ...(record.cidrs === undefined ? {} : { cidrs: record.cidrs }),
    status,
    createdAt: iso(record.createdAt),
    expiresAt: iso(record.expiresAt),
    expiringSoon: (status === 'active' || status === 'rotating') && left < EXPIRING_SOON_SECONDS,
    ...(record.rotatedFrom === undefined ? {} : { rotatedFrom: record.rotatedFrom }),
    ...(record.rotatedTo === undefined ? {} : { rotatedTo: record.rotatedTo }),
    ...(record.revokedAt === undefined ? {} : { revokedAt: iso(record.revokedAt) }),
  };
}

function statusOf(record: KeyRecord, left: number): ShownStatus {
  if (record.status === 'revoked') {
    return 'revoked';
  }
  if (left <= 0) {
    return 'expired';
  }
  return record.rotatedTo === undefined ? 'active' : 'rotating';
}

/** The table of `list`. @param now epoch milliseconds. */
export function keyTable(views: readonly KeyView[], now: number): string {
  if (views.length === 0) {
    return 'There are no keys yet. "keys issue" makes one.\n';
  }
  const isBound = views.some(({ cidrs }) => cidrs !== undefined);
  const rows = views.map((view) => [
    view.id,
    view.owner,
    view.scopes.join(' '),
    ...(isBound ? [view.cidrs?.join(' ') ?? 'anywhere'] : []),
    since(view.createdAt, now),
    expiry(view, now),
    view.lastUsedAt === undefined
      ? '?'
      : view.lastUsedAt === null
        ? '-'
        : `${since(view.lastUsedAt, now)} ago`,
    view.expiringSoon ? `${view.status} !` : view.status,
  ]);
  const table = alignColumns([
    [
      ...['ID', 'OWNER', 'SCOPES', ...(isBound ? ['FROM'] : [])],
      ...['AGE', 'EXPIRES', 'LAST USED', 'STATUS'],
    ],
    ...rows,
  ]);
  const soon = views.filter(({ expiringSoon }) => expiringSoon).length;
  const days = EXPIRING_SOON_SECONDS / 86_400;
  return soon === 0 ? table : `${table}! ends within ${days} days: ${soon}\n`;
}

function since(time: string, now: number): string {
  return formatDuration((now - Date.parse(time)) / 1000);
}

function expiry(view: KeyView, now: number): string {
  const left = (Date.parse(view.expiresAt) - now) / 1000;
  // A minute more, so that a key that was just made for 90 days does not show 89.
  return left > 0 ? `in ${formatDuration(left + 59)}` : `${formatDuration(-left)} ago`;
}

/** Columns two blanks apart, as wide as their widest cell. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] as number))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** ISO time of epoch seconds. */
export function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** Said whenever a key is printed. */
export const SHOWN_ONCE =
  'This is the only time the key is shown; what is stored is its hash. Hand it over by a channel ' +
  'that is made for secrets.';

/** One JSON document on one line. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
