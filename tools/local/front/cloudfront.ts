// CloudFront on this machine: the web ACL, the viewer-request function, the origin and its headers.
import type { CloudFrontHeaders, CloudFrontRequest } from 'aws-lambda';
import { randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { one } from '../../../recorder/query';
import type { Recording } from '../../../recorder/record';
import { CLOUDFRONT_ID_HEADER, REQUEST_ID_HEADER } from '../../../contracts/headers';
import type { Ground } from '../ground';
import { answer, forward, listen, serverOf, shut } from '../http';
import type { EdgeHandler } from './edge-runtime';
import { measureFront, presentedKeyId } from './front-metrics';
import type { FrontRequest, OnFrontRequest } from './front-metrics';
import { refusal } from './refusal';
import { applyPolicy, readResponseHeaders } from './response-headers';
import type { ResponseHeadersPolicy } from './response-headers';
import { flat, invalidHeader, readOnlyHeaders, viewerRequest } from './viewer-request';
import type { Block, Waf } from './waf';

export interface CloudFrontDescription {
  /** Dimension of its metrics. */
  distributionId: string;
  /** Headers that the distribution adds to each request to the origin. */
  originHeaders: Readonly<Record<string, string>>;
  /** What is added to each answer, denials included; CORS to answers of the origin only. */
  responseHeaders: ResponseHeadersPolicy;
}

export interface CloudFrontOptions extends CloudFrontDescription {
  handler: EdgeHandler;
  waf: Waf;
  /** Port of the load balancer. */
  originPort: number;
  /** Told of each request as it ends. @default nobody */
  onRequest?: OnFrontRequest;
}

/** @throws Error when the stack has no distribution. */
export function read(recording: Recording): CloudFrontDescription {
  const { inputs, outputs } = one(recording.resources, 'aws:cloudfront/distribution:Distribution');
  const [origin] = inputs.origins as { customHeaders?: { name: string; value: string }[] }[];
  const headers = origin?.customHeaders ?? [];
  return {
    distributionId: String(outputs.id),
    originHeaders: Object.fromEntries(
      headers.map(({ name, value }) => [name.toLowerCase(), value]),
    ),
    responseHeaders: readResponseHeaders(recording),
  };
}

/**
 * Listens on a port of 127.0.0.1; 0 for any free one.
 * @param onLine told of each request as it ends, beside metrics and access log.
 * @returns the port that was taken.
 * @throws Error with code `EADDRINUSE`.
 */
export async function start(
  options: Omit<CloudFrontOptions, 'onRequest'>,
  port: number,
  ground: Pick<Ground, 'onClose' | 'metrics' | 'logFolder'>,
  onLine?: OnFrontRequest,
): Promise<number> {
  const { onClose } = ground;
  const onRequest = measureFront(options.distributionId, ground, onLine);
  const cloudFront = new CloudFront({ ...options, onRequest });
  onClose(() => cloudFront.close());
  return cloudFront.start(port);
}

/** The origin's read timeout (CloudFront's default, response timeout). */
const ORIGIN_TIMEOUT_MS = 30_000;
/** Longest request line with headers (CloudFront quotas). */
const REQUEST_LIMIT_BYTES = 32_768;

/** The distribution: one origin, no cache, one viewer-request function. */
export class CloudFront {
  private readonly agent = new Agent({ keepAlive: true });
  private readonly server = serverOf((request, response) => this.handle(request, response), {
    maxHeaderSize: REQUEST_LIMIT_BYTES,
  });

  constructor(private readonly options: CloudFrontOptions) {}

  /** @throws Error with code `EADDRINUSE`. */
  start(port: number): Promise<number> {
    return listen(this.server, port);
  }

  async close(): Promise<void> {
    await shut(this.server);
    this.agent.destroy();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomBytes(28).toString('base64url');
    const seen: Seen = { by: 'cloudfront' };
    this.watch(requestId, request, response, seen);
    response.setHeader(CLOUDFRONT_ID_HEADER, requestId);
    for (const { name, value } of this.options.responseHeaders.headers) {
      response.setHeader(name, value);
    }
    const refused = refusal(request);
    if (refused !== undefined) {
      refuse(response, ...refused);
      return;
    }
    const clientIp = request.socket.remoteAddress ?? '127.0.0.1';
    const blocked = this.options.waf.judge(clientIp, request.headers);
    if (blocked !== undefined) {
      seen.by = 'waf';
      block(response, blocked);
      return;
    }
    const event = viewerRequest(request, clientIp, requestId);
    const sent = event.Records[0]?.cf.request as CloudFrontRequest;
    const readOnly = readOnlyHeaders(sent);
    try {
      const result = await this.options.handler(event);
      if (result === null || result === undefined) {
        seen.edgeFailed = true;
        refuse(response, 502, 'The Lambda function returned nothing.');
      } else if ('status' in result) {
        seen.by = 'edge';
        respond(response, Number(result.status), result.headers ?? {}, result.body ?? '');
      } else {
        const invalid = invalidHeader(result, readOnly, request);
        if (invalid === undefined) {
          await this.toOrigin(request, response, result, { clientIp, requestId }, seen);
        } else {
          seen.edgeFailed = true;
          refuse(response, 502, `The Lambda function may not set the header ${invalid}.`);
        }
      }
    } catch {
      seen.edgeFailed = true;
      refuse(response, 502, 'The Lambda function failed.');
    }
  }

  private watch(
    id: string,
    { method = 'GET', url = '/', headers }: IncomingMessage,
    response: ServerResponse,
    seen: Seen,
  ): void {
    const { onRequest } = this.options;
    if (onRequest === undefined) return;
    const startedMs = performance.now();
    const { socket } = response;
    const sentBefore = socket?.bytesWritten ?? 0;
    const keyId = presentedKeyId(headers);
    response.once('close', () => {
      onRequest({
        ...{ id, method, path: url.split('?', 1)[0] ?? '/' },
        // 0, as CloudFront logs it: the client went away before there was an answer.
        status: response.headersSent ? response.statusCode : 0,
        ...{ durationMs: performance.now() - startedMs, ...seen },
        bytes: (socket?.bytesWritten ?? 0) - sentBefore,
        ...(keyId === undefined ? {} : { keyId }),
      });
    });
  }

  private async toOrigin(
    request: IncomingMessage,
    response: ServerResponse,
    result: CloudFrontRequest,
    { clientIp, requestId }: { clientIp: string; requestId: string },
    seen: Seen,
  ): Promise<void> {
    const startedMs = performance.now();
    const query = result.querystring === '' ? '' : `?${result.querystring}`;
    const outcome = await forward(request, response, {
      port: this.options.originPort,
      method: result.method,
      path: `${result.uri}${query}`,
      agent: this.agent,
      timeoutMs: ORIGIN_TIMEOUT_MS,
      headers: {
        ...flat(result.headers),
        ...this.options.originHeaders,
        'x-forwarded-for': clientIp,
        [CLOUDFRONT_ID_HEADER]: requestId,
        via: `${request.httpVersion} local.cloudfront.net (CloudFront)`,
      },
      onResponse: (_status, headers) => {
        seen.by = 'origin';
        seen.originMs = performance.now() - startedMs;
        const given = headers[REQUEST_ID_HEADER];
        if (typeof given === 'string') seen.requestId = given;
        headers['x-cache'] = 'Miss from cloudfront';
        applyPolicy(this.options.responseHeaders, request.headers, headers);
      },
    });
    if (outcome !== 'sent' && outcome !== 'client-gone' && !response.headersSent) {
      refuse(response, outcome === 'timeout' ? 504 : 502, 'The origin did not answer.');
    }
  }
}

/** What is known of a request on its way. */
type Seen = Pick<FrontRequest, 'by' | 'originMs' | 'edgeFailed' | 'requestId'>;

function respond(
  response: ServerResponse,
  status: number,
  headers: CloudFrontHeaders,
  body: string,
): void {
  response.writeHead(status, {
    ...flat(headers),
    'content-length': Buffer.byteLength(body),
    'x-cache': 'LambdaGeneratedResponse from cloudfront',
  });
  response.end(body);
}

/** The web ACL's answer. */
function block(response: ServerResponse, { status, contentType, body, headers }: Block): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('x-cache', 'Error from cloudfront');
  answer(response, status, body, contentType);
}

function refuse(response: ServerResponse, status: number, detail: string): void {
  response.setHeader('x-cache', 'Error from cloudfront');
  answer(
    response,
    status,
    `<html><body><h1>${status}</h1><p>${detail}</p></body></html>`,
    'text/html',
  );
}
