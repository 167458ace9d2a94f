// Sends a request to the edge for the tab API, with a trace id by which its trace is found.
import { randomBytes } from 'node:crypto';
import { BadRequest } from './server';
import type { Sent } from './view';

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'];
const TIMEOUT_MS = 30_000;
const SHOWN_BYTES = 64 * 1024;

/** @throws BadRequest when method or path can't be sent. */
export async function send(edge: string, input: Record<string, unknown>): Promise<Sent> {
  const { method, path, headers = {}, body } = input;
  if (typeof method !== 'string' || !METHODS.includes(method)) {
    throw new BadRequest(`The method is ${String(method)}; expected one of ${METHODS.join(', ')}.`);
  }
  if (typeof path !== 'string' || !/^\/(?!\/)\S*$/.test(path)) {
    throw new BadRequest(
      'The path starts with one slash and has no blanks, for example /items?page=1.',
    );
  }
  const traceId = randomBytes(16).toString('hex');
  const startedMs = performance.now();
  const hasBody = typeof body === 'string' && body !== '' && method !== 'GET' && method !== 'HEAD';
  let response: Response;
  try {
    response = await fetch(`${edge}${path}`, {
      method,
      headers: {
        ...(headers as Record<string, string>),
        traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
      },
      ...(hasBody ? { body } : {}),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new BadRequest(`The request could not be sent: ${(error as Error).message}.`);
  }
  const text = await response.text();
  return {
    ...{ status: response.status, durationMs: performance.now() - startedMs, traceId },
    headers: Object.fromEntries(response.headers),
    body: text.slice(0, SHOWN_BYTES),
  };
}
