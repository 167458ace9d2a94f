// What CloudFront refuses by itself, before the web ACL or the function is asked.
import type { IncomingMessage } from 'node:http';

/** Longest URL (CloudFront quotas). */
const URL_LIMIT = 8192;

/** Status and detail of a refusal; undefined for a request that goes on. */
export function refusal({
  method,
  url = '',
  headers,
  rawHeaders,
}: IncomingMessage): [status: number, detail: string] | undefined {
  if (url.length > URL_LIMIT) return [414, 'The URL is longer than 8192 characters.'];
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length > 1) return [400, 'There is more than one Host.'];
  const { 'transfer-encoding': coding, 'content-length': length = '0' } = headers;
  // Developer guide, "How CloudFront processes and forwards requests to your custom origin", GET.
  if (method === 'GET' && (coding !== undefined || Number(length) > 0)) {
    return [403, 'A GET may have no body.'];
  }
  return undefined;
}
