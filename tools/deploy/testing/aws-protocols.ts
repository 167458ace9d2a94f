// Reads calls and writes answers of the account in the wire protocols of the AWS services.
import type { IncomingMessage } from 'node:http';

type Fields = Record<string, unknown>;

/** One call of an API. */
export interface Call {
  /** As in the signature: `lambda`, `logs`, `tagging`. */
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly input: Fields;
}

/** An error of a service. */
export class Fault extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

/** An answer to send. */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

/** Services that answer in XML. */
const XML = new Set(['sts', 'ec2', 'elasticloadbalancing', 's3', 'iam', 'route53']);

/** Lambda's and other REST operations: method, path, names of the parts of the path. */
const ROUTES: Record<string, readonly [string, RegExp, string][]> = {
  lambda: [
    ['GET', /^\/2015-03-31\/functions\/?$/, 'ListFunctions'],
    ['POST', /^\/2015-03-31\/functions\/?$/, 'CreateFunction'],
    ['GET', /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)$/, 'GetFunction'],
    ['DELETE', /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)$/, 'DeleteFunction'],
    ['GET', /^\/2016-08-19\/account-settings\/?$/, 'GetAccountSettings'],
  ],
  scheduler: [
    ['POST', /^\/schedules\/(?<Name>[^/]+)$/, 'CreateSchedule'],
    ['GET', /^\/schedules\/(?<Name>[^/]+)$/, 'GetSchedule'],
    ['DELETE', /^\/schedules\/(?<Name>[^/]+)$/, 'DeleteSchedule'],
  ],
  s3: [
    ['GET', /^\/(?<Bucket>[^/]+)\/?$/, 'ListObjectVersions'],
    ['POST', /^\/(?<Bucket>[^/]+)\/?$/, 'DeleteObjects'],
    ['HEAD', /^\/(?<Bucket>[^/]+)\/?$/, 'HeadBucket'],
    ['GET', /^\/(?<Bucket>[^/]+)\/(?<Key>.+)$/, 'GetObject'],
    ['DELETE', /^\/(?<Bucket>[^/]+)\/?$/, 'DeleteBucket'],
  ],
  route53: [['GET', /^\/2013-04-01\/hostedzonesbyname/, 'ListHostedZonesByName']],
};

/** Reads what was called from request and signature. */
export function readCall(request: IncomingMessage, body: string): Call {
  const { authorization = '', 'x-amz-target': target } = request.headers;
  const scope = /Credential=[^/]+\/\d+\/(?<region>[^/]+)\/(?<service>[^/]+)\//.exec(authorization);
  const { region = '', service = '' } = scope?.groups ?? {};
  const url = new URL(request.url ?? '/', 'http://aws');
  if (typeof target === 'string') {
    const operation = target.slice(target.lastIndexOf('.') + 1);
    return { service, region, operation, input: JSON.parse(body || '{}') as Fields };
  }
  const query = Object.fromEntries<string>(url.searchParams);
  for (const [method, path, operation] of ROUTES[service] ?? []) {
    const found = path.exec(url.pathname);
    if (request.method !== method || found === null) continue;
    const parts: Fields = {};
    for (const [key, value] of Object.entries(found.groups ?? {})) {
      parts[key] = decodeURIComponent(value);
    }
    // The two listings of S3 differ in their query alone.
    const listing = query['list-type'] === '2' ? 'ListObjectsV2' : operation;
    return { service, region, operation: listing, input: { ...query, ...parts, body } };
  }
  const form = Object.fromEntries<string>(new URLSearchParams(body));
  const { Action = '', ...input } = { ...query, ...form } as Record<string, string>;
  return { service, region, operation: String(Action), input };
}

/** Writes what an operation answers. */
export function encode({ service, operation }: Call, output: Fields): Answer {
  if (Buffer.isBuffer(output.object)) {
    return { status: 200, headers: {}, body: output.object };
  }
  if (!XML.has(service)) {
    return {
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.1' },
      body: JSON.stringify(output),
    };
  }
  const inner = service === 's3' || service === 'route53' || service === 'ec2';
  const body = inner
    ? element(`${operation}${service === 'ec2' ? 'Response' : 'Result'}`, output)
    : element(`${operation}Response`, { [`${operation}Result`]: output });
  return { status: 200, headers: { 'content-type': 'text/xml' }, body };
}

/** Writes an error as the service would. */
export function encodeFault({ service }: Call, { code, message, status }: Fault): Answer {
  if (!XML.has(service)) {
    return {
      status,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': code },
      body: JSON.stringify({ __type: code, message }),
    };
  }
  const error = { Code: code, Message: message };
  const bodies: Record<string, string> = {
    ec2: element('Response', { Errors: { Error: error } }),
    s3: element('Error', error),
  };
  const body = bodies[service] ?? element('ErrorResponse', { Error: error });
  return { status, headers: { 'content-type': 'text/xml' }, body };
}

function element(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join('');
  if (value === undefined) return '';
  const inner =
    typeof value === 'object' && value !== null
      ? Object.entries(value)
          .map(([key, part]) => element(key, part))
          .join('')
      : String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<${name}>${inner}</${name}>`;
}
