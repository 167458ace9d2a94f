// Reads CloudFront's event, believing none of it.
import type { CloudFrontHeaders, CloudFrontRequest } from 'aws-lambda';

/** Stands for the id of a request that has none fit for a header: not what CloudFront sends. */
export const UNKNOWN_REQUEST = 'unknown';

export interface ViewerRequest {
  readonly cf: CloudFrontRequest;
  /** CloudFront's id of the request. */
  readonly requestId: string;
  /** Address of the client; empty when the event has none, which is in no block of addresses. */
  readonly address: string;
}

/** @returns undefined when the event is not a viewer request that CloudFront could have sent. */
export function readViewerRequest(event: unknown): ViewerRequest | undefined {
  const records = (event as { Records?: unknown } | null | undefined)?.Records;
  const cf = (Array.isArray(records) ? (records[0] as unknown) : undefined) as
    | { cf?: { config?: { requestId?: unknown }; request?: Partial<CloudFrontRequest> } }
    | null
    | undefined;
  const request = cf?.cf?.request;
  if (
    typeof request?.method !== 'string' ||
    typeof request.uri !== 'string' ||
    !areHeaders(request.headers)
  ) {
    return undefined;
  }
  const requestId = cf?.cf?.config?.requestId;
  return {
    cf: request as CloudFrontRequest,
    address: typeof request.clientIp === 'string' ? request.clientIp : '',
    requestId:
      typeof requestId === 'string' && /^[!-~]{1,128}$/.test(requestId)
        ? requestId
        : UNKNOWN_REQUEST,
  };
}

function areHeaders(headers: unknown): headers is CloudFrontHeaders {
  return (
    typeof headers === 'object' &&
    headers !== null &&
    Object.values(headers).every(
      (values) =>
        Array.isArray(values) &&
        values.every((entry: unknown) => typeof (entry as { value?: unknown })?.value === 'string'),
    )
  );
}
