// The event of a viewer request as CloudFront builds it, and what the function may not do to it.
import type { CloudFrontHeaders, CloudFrontRequest, CloudFrontRequestEvent } from 'aws-lambda';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { withoutHopByHop } from '../http';

/**
 * A function that sets one of these fails validation: 502 (developer guide, "Restrictions on edge
 * functions", disallowed and read-only headers for viewer request events).
 */
const DISALLOWED =
  /^(connection|expect|keep-alive|proxy-.*|trailer|upgrade|x-accel-.*|x-amz-cf-.*|x-amzn-.*|x-cache.*|x-edge-.*|x-forwarded-proto|x-real-ip)$/;
const READ_ONLY = ['content-length', 'host', 'transfer-encoding', 'via', 'cdn-loop'];

/** The event (developer guide, "Lambda@Edge event structure"). */
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

/** The read-only headers as they are, to be compared with what the function made of them. */
export function readOnlyHeaders({ headers }: CloudFrontRequest): string {
  return JSON.stringify(READ_ONLY.map((name) => headers[name]));
}

/** Name of a header that the function may not have touched; undefined when all is well. */
export function invalidHeader(
  result: CloudFrontRequest,
  readOnlyBefore: string,
  request: IncomingMessage,
): string | undefined {
  if (readOnlyHeaders(result) !== readOnlyBefore) return READ_ONLY.join(' or ');
  return Object.keys(result.headers).find(
    (name) => DISALLOWED.test(name) && request.headers[name] === undefined,
  );
}

/** CloudFront's headers as Node.js sends them. */
export function flat(headers: CloudFrontHeaders): OutgoingHttpHeaders {
  const values = Object.entries(headers).map(([name, entries]) => {
    const [first, ...more] = entries.map((entry) => entry.value);
    return [name, more.length === 0 ? first : [first, ...more]] as const;
  });
  return withoutHopByHop(Object.fromEntries(values) as OutgoingHttpHeaders);
}
