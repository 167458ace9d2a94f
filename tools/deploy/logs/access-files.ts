// Lines of the access logs that CloudFront and the load balancer put into the stack's bucket, minutes late.
import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { CLOUDFRONT_LOG_PREFIX, LOAD_BALANCER_LOG_PREFIX } from '../../../contracts/access-logs';
import { accountOf, isFault, Region } from '../aws';
import type { Feed, Line } from './line';

/** A line of a file; undefined for what is none. */
type Parse = (text: string) => { readonly time: number; readonly fields: object } | undefined;

/** Where a service puts a day's files, and what a line of them says. */
interface Folder {
  readonly source: 'cloudfront' | 'balancer';
  readonly prefix: (day: string) => string;
  readonly parse: Parse;
}

/** Files come every five minutes at best; to list them more often is to pay for nothing. */
const LIST_EVERY_MS = 60_000;
const DAY_MS = 86_400_000;

/** Access logs of a stack; none when its outputs name no bucket: it was made by an older release. */
export async function accessFeeds(
  outputs: Readonly<Record<string, unknown>> & { readonly region: string },
  { request, now }: { readonly request: string | undefined; readonly now: () => number },
): Promise<Feed[]> {
  const { logBucket, distributionId, region: home, compute } = outputs;
  if (typeof logBucket !== 'string') return [];
  const region = new Region(home);
  const folders: Folder[] = [
    {
      source: 'cloudfront',
      prefix: (day) => `${CLOUDFRONT_LOG_PREFIX}/${String(distributionId)}/${day}/`,
      parse: cloudFrontLine,
    },
  ];
  if (compute !== 'lambda') {
    const { id: account } = await accountOf(region);
    folders.push({
      source: 'balancer',
      prefix: (day) =>
        `${LOAD_BALANCER_LOG_PREFIX}/AWSLogs/${account}/elasticloadbalancing/${home}/${day}/`,
      parse: balancerLine,
    });
  }
  return folders.map((folder) => new Files(region, logBucket, folder, request, now));
}

class Files implements Feed {
  private readonly known = new Set<string>();
  private listedAt = -Infinity;
  /** Files come late, so every look goes back to where the first began. */
  private since: number | undefined;

  constructor(
    private readonly region: Region,
    private readonly bucket: string,
    private readonly folder: Folder,
    private readonly request: string | undefined,
    private readonly now: () => number,
  ) {}

  async read(from: number): Promise<Line[]> {
    const now = this.now();
    if (now - this.listedAt < LIST_EVERY_MS) return [];
    this.listedAt = now;
    const since = (this.since ??= from);
    const lines: Line[] = [];
    for (const day of daysBetween(since, now)) {
      for (const key of await this.list(this.folder.prefix(day), since)) {
        if (this.known.has(key)) continue;
        this.known.add(key);
        lines.push(...(await this.linesIn(key)));
      }
    }
    return lines.filter(({ time }) => time >= since);
  }

  /** Files that may hold a line from then on: none is older than what it was written of. */
  private async list(Prefix: string, from: number): Promise<string[]> {
    const keys: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await this.region
        .s3()
        .send(new ListObjectsV2Command({ Bucket: this.bucket, Prefix, ContinuationToken }));
      for (const { Key = '', LastModified } of page.Contents ?? []) {
        if ((LastModified?.getTime() ?? from) >= from) keys.push(Key);
      }
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return keys;
  }

  private async linesIn(Key: string): Promise<Line[]> {
    const { source, parse } = this.folder;
    return (await this.textOf(Key)).split('\n').flatMap((text, index) => {
      if (this.request !== undefined && !text.includes(this.request)) return [];
      const line = parse(text);
      if (line === undefined) return [];
      const message = JSON.stringify(line.fields);
      return [
        { id: `${Key} ${index}`, time: line.time, source, region: this.region.name, message },
      ];
    });
  }

  private async textOf(Key: string): Promise<string> {
    try {
      const { Body } = await this.region
        .s3()
        .send(new GetObjectCommand({ Bucket: this.bucket, Key }));
      const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
      return (isGzip(bytes) ? gunzipSync(bytes) : bytes).toString('utf8');
    } catch (error) {
      // Its days were over.
      if (isFault(error, 'NoSuchKey')) return '';
      throw error;
    }
  }
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Days in UTC, such as `2026/11/24`. */
function daysBetween(from: number, to: number): string[] {
  const days: string[] = [];
  for (let at = from - (from % DAY_MS); at <= to; at += DAY_MS) {
    days.push(new Date(at).toISOString().slice(0, 10).replaceAll('-', '/'));
  }
  return days;
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html */
function cloudFrontLine(text: string): ReturnType<Parse> {
  let raw: Record<string, string | undefined>;
  try {
    raw = JSON.parse(text) as typeof raw;
  } catch {
    return undefined;
  }
  const time = Date.parse(`${raw.date}T${raw.time}Z`);
  if (Number.isNaN(time)) return undefined;
  const fields = {
    method: raw['cs-method'],
    path: raw['cs-uri-stem'],
    status: numberOf(raw['sc-status']),
    result: raw['x-edge-detailed-result-type'],
    durationMs: numberOf(raw['time-taken'], 1000),
    place: raw['x-edge-location'],
    requestId: raw['x-edge-request-id'],
  };
  return { time, fields };
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html#access-log-entry-format */
const BALANCER =
  /^\S+ (?<time>\S+) \S+ \S+ (?<target>\S+) (?<before>\S+) (?<within>\S+) (?<after>\S+) (?<status>\S+) (?<targetStatus>\S+) \S+ \S+ "(?<method>\S+) (?<url>\S+) [^"]*" "(?:[^"\\]|\\.)*" \S+ \S+ \S+ "(?<traceId>[^"]*)"/;

function balancerLine(text: string): ReturnType<Parse> {
  const found = BALANCER.exec(text)?.groups;
  if (found === undefined) return undefined;
  const { before, within, after, target, traceId } = found;
  const parts = [before, within, after].map((part) => Math.max(0, numberOf(part, 1000) ?? 0));
  const fields = {
    method: found.method,
    // A query may hold anything, a mislaid key among it.
    path: pathOf(found.url ?? ''),
    status: numberOf(found.status),
    targetStatus: numberOf(found.targetStatus),
    durationMs: Math.round(parts.reduce((sum, part) => sum + part, 0)),
    target,
    traceId,
  };
  return { time: Date.parse(found.time ?? ''), fields };
}

function pathOf(url: string): string {
  return url.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/\?.*/, '');
}

function numberOf(text: string | undefined, factor = 1): number | undefined {
  const value = Number(text) * factor;
  return text === undefined || Number.isNaN(value) ? undefined : Math.round(value);
}
