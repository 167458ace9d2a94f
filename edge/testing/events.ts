// Viewer-request events for tests, after the one that AWS documents.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html
import type { CloudFrontHeaders, CloudFrontRequestEvent } from 'aws-lambda';
import body from './viewer-request-body.json';
import browser from './viewer-request-browser.json';
import documented from './viewer-request-documented.json';

/** Events as CloudFront sends them: AWS's own example, a browser's, and one with its body. */
export const RECORDED = { documented, browser, body };

export interface EventParts {
  readonly method?: string;
  readonly uri?: string;
  readonly querystring?: string;
  /** Added to the recorded headers; a list makes a repeated header. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** A recorded event, with these parts in place of its own. */
export function viewerRequest(
  { headers = {}, ...parts }: EventParts = {},
  recorded: keyof typeof RECORDED = 'documented',
): CloudFrontRequestEvent {
  const event = structuredClone(RECORDED[recorded]) as unknown as CloudFrontRequestEvent;
  const [record] = event.Records;
  if (record === undefined) {
    throw new Error('The recorded event has no record.');
  }
  const { request } = record.cf;
  record.cf.request = {
    ...request,
    ...parts,
    headers: { ...request.headers, ...cloudFrontHeaders(headers) },
  };
  return event;
}

/** Headers as CloudFront hands them over: lower-case names, the client's spelling in `key`. */
export function cloudFrontHeaders(
  headers: Readonly<Record<string, string | readonly string[]>>,
): CloudFrontHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [
      name.toLowerCase(),
      [values].flat().map((value) => ({ key: name, value })),
    ]),
  );
}
