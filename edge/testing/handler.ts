// A handler over records in memory, with everything that it logged and asked for.
import type { CloudFrontResultResponse } from 'aws-lambda';
import type { DecisiveRecord } from '../../contracts/api-key';
import { createHandler, type ViewerResult } from '../handler';
import { resolveEdgeSettings, type EdgeSettings } from '../settings';
import { viewerRequest, type EventParts } from './events';
import { dynamoItem, NOW } from './keys';
import { edgeSettings } from './settings';

/** Runs in us-west-2; `state.down` makes every look-up fail. */
export function setUpHandler(
  settings: Partial<EdgeSettings> = {},
  records: DecisiveRecord[] = [],
  /** What the store answers. @default the record of the id, if there is one */
  find = (id: string) => records.find(({ keyId }) => keyId === id),
) {
  const state = { now: NOW, lines: [] as string[], hosts: [] as string[], down: false };
  const handler = createHandler({
    settings: resolveEdgeSettings(edgeSettings(settings)),
    env: { AWS_REGION: 'us-west-2', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' },
    now: () => state.now,
    log: (line) => state.lines.push(line),
    send: ({ host, body }) => {
      state.hosts.push(host);
      if (state.down) {
        return Promise.reject(new Error('ECONNRESET'));
      }
      const { Key } = JSON.parse(body) as { Key: { keyId: { S: string } } };
      const record = find(Key.keyId.S);
      const answer = record === undefined ? {} : { Item: dynamoItem(record) };
      return Promise.resolve({ status: 200, text: JSON.stringify(answer) });
    },
  });
  const send = (parts: EventParts) => handler(viewerRequest(parts));
  const logged = () => JSON.parse(state.lines.at(-1) ?? '{}') as Record<string, unknown>;
  return { state, handler, send, logged };
}

export const isAnswer = (result: ViewerResult): result is CloudFrontResultResponse =>
  'status' in result;
/** The status of an answer; `passed` when the request goes on to the origin. */
export const status = (result: ViewerResult) => (isAnswer(result) ? result.status : 'passed');
