// Signs a JSON request to an AWS service by Signature Version 4, with nothing but node:crypto.
import { Buffer } from 'node:buffer';
import { createHmac, hash } from 'node:crypto';

/**
 * What is signed: a POST to `/` without a query, the only form that DynamoDB's protocol has. That
 * one form is why there is no library here: a general signer is 6 KB of a 16 KB function. The test
 * compares every signature with the one that `aws4fetch` makes.
 */
export interface JsonRequest {
  readonly host: string;
  readonly region: string;
  /** Service as in the credential scope, for example `dynamodb`. */
  readonly service: string;
  /** Operation, the header `x-amz-target`. */
  readonly target: string;
  readonly body: string;
  /** Epoch milliseconds; AWS refuses a request whose clock is 15 minutes off. */
  readonly time: number;
}

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials, as every Lambda function has. */
  readonly sessionToken?: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * All headers that the request needs besides `host`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signedHeaders(
  request: JsonRequest,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
): Record<string, string> {
  const { host, region, service, target, body, time } = request;
  const timestamp = new Date(time).toISOString().replace(/[:-]|\.\d{3}/g, '');
  // In the order of their names, as the canonical form wants them.
  const headers: Record<string, string> = {
    'content-type': 'application/x-amz-json-1.0',
    host,
    'x-amz-date': timestamp,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
    'x-amz-target': target,
  };
  const names = Object.keys(headers).join(';');
  const canonicalHeaders = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = ['POST', '/', '', canonicalHeaders.join(''), names, sha256(body)].join('\n');
  const scope = [timestamp.slice(0, 8), region, service, 'aws4_request'];
  const toSign = [ALGORITHM, timestamp, scope.join('/'), sha256(canonical)].join('\n');
  const signature = hmac(signingKeyOf(secretAccessKey, scope), toSign).toString('hex');
  const { host: _sentByFetch, ...sent } = headers;
  return {
    ...sent,
    authorization:
      `${ALGORITHM} Credential=${accessKeyId}/${scope.join('/')}, ` +
      `SignedHeaders=${names}, Signature=${signature}`,
  };
}

/** Of the last request: it changes with the day, and when credentials are rotated. */
let last: { readonly secret: string; readonly scope: string; readonly key: Buffer } | undefined;

function signingKeyOf(secret: string, parts: readonly string[]): Buffer {
  const scope = parts.join('/');
  if (last?.secret !== secret || last.scope !== scope) {
    last = { secret, scope, key: parts.reduce(hmac, Buffer.from(`AWS4${secret}`)) };
  }
  return last.key;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}
