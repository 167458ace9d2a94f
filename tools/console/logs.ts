// The platform's log files as one list in order of time, read as they grow; bounded in memory.
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LogLine, LogSource } from './view';

/** Lines of one source that are kept. */
const KEPT_LINES = 2_000;
/** What is read of one file at a time; of a file that grew by more, the end. */
const READ_LIMIT_BYTES = 1024 * 1024;
const ID_FIELDS = [
  'traceId',
  'requestId',
  'id',
  'cloudFrontId',
  'keyId',
  'claimedKeyId',
  'KeyId',
] as const;

interface Follower {
  position: number;
  rest: string;
}

/** Follows `edge.log`, `access.log` and the tasks' logs of a folder. */
export class Logs {
  private readonly followers = new Map<string, Follower>();
  private readonly lines: Record<LogSource, LogLine[]> = {
    ...{ edge: [], access: [], service: [], platform: [] },
  };

  constructor(private readonly folder: string) {}

  /** Adds what no file says: the platform's own events. */
  add(line: LogLine): void {
    keep(this.lines[line.source], line);
  }

  /**
   * The latest lines that match, newest first.
   * @param filter words that a line must contain, all of them; `id:` finds nothing but an id.
   */
  find(options: {
    filter?: string;
    sources?: readonly LogSource[];
    sinceMs?: number;
    limit: number;
  }): LogLine[] {
    this.refresh();
    const { filter = '', sources, sinceMs = 0, limit } = options;
    const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
    return (Object.keys(this.lines) as LogSource[])
      .filter((source) => sources === undefined || sources.includes(source))
      .flatMap((source) => this.lines[source])
      .filter((line) => line.atMs >= sinceMs && words.every((word) => textOf(line).includes(word)))
      .sort((a, b) => b.atMs - a.atMs)
      .slice(0, limit);
  }

  /** Every line that carries one of the ids, oldest first, and those that share an id with these. */
  related(id: string): LogLine[] {
    this.refresh();
    const all = Object.values(this.lines).flat();
    const ids = new Set([id]);
    const shares = ({ ids: own }: LogLine) =>
      Object.entries(own).some(([name, value]) => !/key/i.test(name) && ids.has(value));
    // Twice: from the trace to the service's line, and by its request id to edge and access lines.
    for (let step = 0; step < 2; step += 1) {
      for (const line of all.filter(shares)) {
        for (const [name, value] of Object.entries(line.ids))
          if (!/key/i.test(name)) ids.add(value);
      }
    }
    return all.filter(shares).sort((a, b) => a.atMs - b.atMs);
  }

  private refresh(): void {
    for (const name of this.files()) {
      for (const text of this.grown(name)) {
        const line = lineOf(name, text);
        keep(this.lines[line.source], line);
      }
    }
  }

  private files(): string[] {
    try {
      return readdirSync(this.folder).filter((name) => name.endsWith('.log'));
    } catch {
      return [];
    }
  }

  /** Whole lines that were added since the last look. */
  private grown(name: string): string[] {
    const follower = this.followers.get(name) ?? { position: 0, rest: '' };
    this.followers.set(name, follower);
    const file = join(this.folder, name);
    const { size } = statSync(file);
    // A file that was written anew starts from its beginning.
    if (size < follower.position) Object.assign(follower, { position: 0, rest: '' });
    if (size === follower.position) return [];
    const from = Math.max(follower.position, size - READ_LIMIT_BYTES);
    if (from > follower.position) follower.rest = '';
    const buffer = Buffer.alloc(size - from);
    const descriptor = openSync(file, 'r');
    try {
      readSync(descriptor, buffer, 0, buffer.length, from);
    } finally {
      closeSync(descriptor);
    }
    follower.position = size;
    const lines = (follower.rest + buffer.toString('utf8')).split('\n');
    follower.rest = lines.pop() ?? '';
    return lines.filter((text) => text.trim() !== '');
  }
}

function keep(lines: LogLine[], line: LogLine): void {
  lines.push(line);
  // In larger steps than one: a list that is cut at every line is copied at every line.
  if (lines.length > KEPT_LINES * 1.2) lines.splice(0, lines.length - KEPT_LINES);
}

function textOf({ text, from, level, ids }: LogLine): string {
  return `${from} ${level} ${text} ${Object.values(ids).join(' ')}`.toLowerCase();
}

function lineOf(file: string, text: string): LogLine {
  const from = file.replace(/\.log$/, '');
  const source: LogSource = from === 'edge' || from === 'access' ? from : 'service';
  const fields = parse(text);
  if (fields === undefined) {
    return { atMs: Date.now(), source, from, level: 'info', text, ids: {}, fields: {} };
  }
  const { time, level, _aws: embedded, ...rest } = fields;
  const atMs = Date.parse(String(time));
  const stamp = (embedded as { Timestamp?: number } | undefined)?.Timestamp;
  const ids = Object.fromEntries(
    ID_FIELDS.flatMap((name) => (typeof rest[name] === 'string' ? [[name, rest[name]]] : [])),
  );
  const flat = Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[name, value]] : [],
    ),
  );
  return {
    fields: flat,
    atMs: Number.isNaN(atMs) ? (stamp ?? Date.now()) : atMs,
    ...{ source, from, ids },
    level: typeof level === 'string' ? level : levelOf(rest),
    text: summary(rest),
  };
}

/** Lines without a level: what a status or a decision says. */
function levelOf({ status, Decision }: Record<string, unknown>): string {
  if (typeof status === 'number' && status >= 500) return 'error';
  return Decision === 'deny' || (typeof status === 'number' && status >= 400) ? 'warn' : 'info';
}

function summary(fields: Record<string, unknown>): string {
  return Object.entries(fields)
    .filter(([name]) => !(ID_FIELDS as readonly string[]).includes(name) && name !== 'spanId')
    .map(([name, value]) => {
      const shown = typeof value === 'number' ? Number(value.toPrecision(6)) : value;
      const text = typeof shown === 'string' ? shown : JSON.stringify(shown);
      return name === 'message' ? text : `${name}=${text}`;
    })
    .join(' ');
}

function parse(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
