// The bundle's entry, unbundled: the wiring to the process that Lambda gives.
import { holdTimeouts } from '../contracts/testing/time';
import type * as entry from './entry';
import { resolveEdgeSettings } from './settings';
import { viewerRequest } from './testing/events';
import { dynamoItem, makeKey, makeRecord } from './testing/keys';
import { plainHttps } from './testing/plain-https';
import { withServer } from './testing/server';
import { edgeSettings } from './testing/settings';

describe('handler', () => {
  it('uses the settings, the clock, the console and node:https', async () => {
    const settings = edgeSettings({ regions: ['eu-west-1'] });
    Object.assign(globalThis, { EDGE_SETTINGS: resolveEdgeSettings(settings) });
    process.env.AWS_ACCESS_KEY_ID = 'id';
    process.env.AWS_SECRET_ACCESS_KEY = 'secret';
    const log = jest.spyOn(console, 'log').mockImplementation(() => {});
    const key = makeKey();
    const record = makeRecord(key, { expiresAt: Math.ceil(Date.now() / 1000) + 60 });
    const hosts: string[] = [];
    await withServer(
      (_, response) => response.end(JSON.stringify({ Item: dynamoItem(record) })),
      async (url) => {
        jest.doMock('node:https', () =>
          plainHttps((host) => {
            hosts.push(host);
            return url;
          }),
        );
        // Loaded here and not above: settings and network must be there first.
        const { handler } = jest.requireActual<typeof entry>('./entry');
        holdTimeouts();
        const result = await handler(viewerRequest({ headers: { 'x-api-key': key.key } }));
        expect(result).toMatchObject({ headers: { 'x-gatehouse-key-id': [{ value: key.keyId }] } });
      },
    );
    jest.useRealTimers();
    expect(hosts).toEqual(['dynamodb.eu-west-1.amazonaws.com']);
    expect(log).toHaveBeenCalledTimes(1);
    expect(String(log.mock.calls[0]?.[0])).toContain('"Reason":"valid"');
  });
});
