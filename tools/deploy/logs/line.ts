// One line of a log, from wherever it came, and how it is printed.

export interface Line {
  /** Of this line alone, so that none is shown twice. */
  readonly id: string;
  /** Epoch, milliseconds. */
  readonly time: number;
  /** Who wrote it: `edge`, `service`, `waf`, `cloudfront`, `balancer`, `api`, or a file's name here. */
  readonly source: string;
  /** Where it was written; `local` on this machine. */
  readonly region: string;
  readonly message: string;
}

/** Somewhere that lines come from. */
export interface Feed {
  /** @param from Epoch, milliseconds: what is older is left out. @returns lines in any order; some may repeat. */
  readonly read: (from: number) => Promise<Line[]>;
}

/** A line for a person, or one JSON document. */
export function shown({ time, source, region, message }: Line, json: boolean): string {
  const at = new Date(time).toISOString();
  const body = parsed(message.trim());
  if (json) return `${JSON.stringify({ time: at, source, region, message: body })}\n`;
  const place = `${source}${source === 'edge' && region !== 'local' ? ` ${region}` : ''}`;
  return `${at}  ${place.padEnd(20)}  ${brief(body)}\n`;
}

/** Lambda puts a time, an id and a level before what was logged. */
export function parsed(body: string): unknown {
  const start = body.indexOf('{');
  if (start === -1) return body;
  try {
    return JSON.parse(body.slice(start)) as unknown;
  } catch {
    return body;
  }
}

/** Fields by which a person recognises a line; the rest is in --json. */
const FIELDS = [
  'level',
  'message',
  'Decision',
  'Reason',
  'action',
  'terminatingRuleId',
  'method',
  'path',
  'route',
  'status',
  'targetStatus',
  'result',
  'by',
  'durationMs',
  'KeyId',
  'keyId',
  'failure',
  'requestId',
];

function brief(message: unknown): string {
  if (typeof message !== 'object' || message === null) return String(message);
  const { httpRequest, ...own } = message as Record<string, unknown> & {
    httpRequest?: { httpMethod?: string; requestId?: string };
  };
  const fields: Record<string, unknown> = {
    method: httpRequest?.httpMethod,
    requestId: httpRequest?.requestId ?? own.id,
    ...own,
  };
  return FIELDS.filter((field) => fields[field] !== undefined)
    .map((field) => `${field}=${String(fields[field])}`)
    .join(' ');
}
