// CloudFront on this machine: WAF's rate rules, the viewer-request function, the origin's headers.
import type { CloudFrontHeaders, CloudFrontRequest, CloudFrontRequestEvent } from 'aws-lambda';
import { randomBytes } from 'node:crypto';
import { Agent, createServer } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { addCors } from './cors';
import type { CorsPolicy } from './cors';
import type { EdgeHandler } from './edge-runtime';
import type { ResponseHeader } from './description';
import { answer, forward, listen, shut, withoutHopByHop } from './http';
import type { RateLimiter } from './rate-limit';

export interface CloudFrontOptions {
  handler: EdgeHandler;
  /** WAF's rate rules in order of priority. */
  limiters: readonly RateLimiter[];
  /** Headers that the distribution adds to each request to the origin. */
  originHeaders: Readonly<Record<string, string>>;
  /** Headers that the response headers policy adds to each answer, denials included. */
  responseHeaders: readonly ResponseHeader[];
  /** What the policy adds to answers of the origin for pages elsewhere; the edge's own bring theirs. */
  cors?: CorsPolicy | undefined;
  /** Port of the load balancer. */
  originPort: number;
  /** Called with the name of the rule that blocked a request. */
  onBlocked?: (rule: string) => void;
}

/** The origin's read timeout (CloudFront's default, response timeout). */
const ORIGIN_TIMEOUT_MS = 30_000;
/** Longest URL, and longest request line with headers (CloudFront quotas). */
const URL_LIMIT = 8192;
const REQUEST_LIMIT_BYTES = 32_768;

/**
 * A function that sets one of these fails validation: 502 (developer guide, "Restrictions on edge
 * functions", disallowed and read-only headers for viewer request events).
 */
const DISALLOWED =
  /^(connection|expect|keep-alive|proxy-.*|trailer|upgrade|x-accel-.*|x-amz-cf-.*|x-amzn-.*|x-cache.*|x-edge-.*|x-forwarded-proto|x-real-ip)$/;
const READ_ONLY = ['content-length', 'host', 'transfer-encoding', 'via', 'cdn-loop'];

/** The distribution: one origin, no cache, one viewer-request function. */
export class CloudFront {
  private readonly agent = new Agent({ keepAlive: true });
  private readonly server = createServer(
    { maxHeaderSize: REQUEST_LIMIT_BYTES },
    (request, response) => {
      this.handle(request, response).catch(() => response.destroy());
    },
  );

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
    response.setHeader('x-amz-cf-id', requestId);
    for (const { name, value } of this.options.responseHeaders) response.setHeader(name, value);
    if ((request.url ?? '').length > URL_LIMIT) {
      refuse(response, 414, 'The URL is longer than 8192 characters.');
      return;
    }
    const clientIp = request.socket.remoteAddress ?? '127.0.0.1';
    for (const limiter of this.options.limiters) {
      if (limiter.isOver(clientIp, request.headers)) {
        this.options.onBlocked?.(limiter.rule.name);
        refuse(response, 403, 'Request blocked.');
        return;
      }
    }
    const event = viewerRequest(request, clientIp, requestId);
    const sent = event.Records[0]?.cf.request as CloudFrontRequest;
    const readOnly = JSON.stringify(READ_ONLY.map((name) => sent.headers[name]));
    try {
      const result = await this.options.handler(event);
      if (result === null || result === undefined) {
        refuse(response, 502, 'The Lambda function returned nothing.');
      } else if ('status' in result) {
        respond(response, Number(result.status), result.headers ?? {}, result.body ?? '');
      } else {
        const invalid = invalidHeader(result, readOnly, request);
        if (invalid === undefined) {
          await this.toOrigin(request, response, result, clientIp);
        } else {
          refuse(response, 502, `The Lambda function may not set the header ${invalid}.`);
        }
      }
    } catch {
      refuse(response, 502, 'The Lambda function failed.');
    }
  }

  private async toOrigin(
    request: IncomingMessage,
    response: ServerResponse,
    result: CloudFrontRequest,
    clientIp: string,
  ): Promise<void> {
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
        via: `${request.httpVersion} local.cloudfront.net (CloudFront)`,
      },
      onResponse: (_status, headers) => {
        headers['x-cache'] = 'Miss from cloudfront';
        for (const { name, value, override } of this.options.responseHeaders) {
          if (override) headers[name] = value;
        }
        if (this.options.cors !== undefined) addCors(this.options.cors, request.headers, headers);
      },
    });
    if (outcome !== 'sent' && !response.headersSent) {
      refuse(response, outcome === 'timeout' ? 504 : 502, 'The origin did not answer.');
    }
  }
}

/** The event as CloudFront builds it (developer guide, "Lambda@Edge event structure"). */
export function viewerRequest(
  request: IncomingMessage,
  clientIp: string,
  requestId: string,
): CloudFrontRequestEvent {
  const url = request.url ?? '/';
  const split = url.indexOf('?');
  const headers: CloudFrontHeaders = {};
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const key = request.rawHeaders[index] as string;
    const name = key.toLowerCase();
    if (name === 'connection' || name === 'keep-alive') continue;
    (headers[name] ??= []).push({ key, value: request.rawHeaders[index + 1] as string });
  }
  return {
    Records: [
      {
        cf: {
          config: {
            distributionDomainName: 'local.cloudfront.net',
            distributionId: 'LOCAL',
            eventType: 'viewer-request',
            requestId,
          },
          request: {
            clientIp,
            method: request.method ?? 'GET',
            uri: split === -1 ? url : url.slice(0, split),
            querystring: split === -1 ? '' : url.slice(split + 1),
            headers,
          },
        },
      },
    ],
  };
}

function invalidHeader(
  result: CloudFrontRequest,
  readOnlyBefore: string,
  request: IncomingMessage,
): string | undefined {
  const after = JSON.stringify(READ_ONLY.map((name) => result.headers[name]));
  if (after !== readOnlyBefore) return READ_ONLY.join(' or ');
  return Object.keys(result.headers).find(
    (name) => DISALLOWED.test(name) && request.headers[name] === undefined,
  );
}

function flat(headers: CloudFrontHeaders): OutgoingHttpHeaders {
  const values = Object.entries(headers).map(([name, entries]) => {
    const [first, ...more] = entries.map((entry) => entry.value);
    return [name, more.length === 0 ? first : [first, ...more]] as const;
  });
  return withoutHopByHop(Object.fromEntries(values) as OutgoingHttpHeaders);
}

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

function refuse(response: ServerResponse, status: number, detail: string): void {
  response.setHeader('x-cache', 'Error from cloudfront');
  answer(
    response,
    status,
    `<html><body><h1>${status}</h1><p>${detail}</p></body></html>`,
    'text/html',
  );
}
