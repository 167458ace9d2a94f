// Streamed answers: what happens to them when they fail, when nobody reads, when the reader goes.
import { Context } from 'hono';
import { holdTimeouts } from '../../../contracts/testing/time';
import type { AppEnv } from './identity';
import { Logger } from './logger';
import { streamBody } from './streaming';

/** A stream of these pieces, and what became of it. */
function stream(pieces: () => AsyncGenerator<string, void, undefined>, env?: object) {
  const lines: string[] = [];
  const logger = new Logger('info', (text) => void lines.push(text));
  let ends = 0;
  const c = new Context<AppEnv>(new Request('http://service/'), { env: env as AppEnv['Bindings'] });
  c.set('requestId', 'r1');
  const body = streamBody(c, { pieces: pieces(), onEnd: () => (ends += 1), logger });
  return {
    body,
    ends: () => ends,
    log: () => {
      logger.flush();
      return lines.join('');
    },
  };
}

async function* letters(): AsyncGenerator<string, void, undefined> {
  yield* await Promise.resolve(['a', 'b']);
}

async function* failing(): AsyncGenerator<string, void, undefined> {
  yield await Promise.resolve('a');
  throw new TypeError('secret');
}

describe('streamBody', () => {
  afterEach(() => jest.useRealTimers());

  it('is what is made, to its end', async () => {
    const { body, ends, log } = stream(letters);
    expect(await new Response(body).text()).toBe('ab');
    expect([ends(), log()]).toEqual([1, '']);
  });

  it('ends the connection when it fails, and says so in one line without the message', async () => {
    const destroy = jest.fn();
    const { body, ends, log } = stream(failing, { outgoing: { destroy } });
    await expect(new Response(body).text()).rejects.toThrow('secret');
    expect([destroy.mock.calls.length, ends()]).toEqual([1, 1]);
    const [line, ...more] = log().trimEnd().split('\n');
    expect(JSON.parse(line ?? '')).toMatchObject({
      level: 'error',
      message: 'answer broken off',
      requestId: 'r1',
      error: 'TypeError',
    });
    expect([more, line?.includes('secret')]).toEqual([[], false]);
  });

  it.each([[{}], [undefined]])('fails where there is no connection, too: %j', async (env) => {
    const { body, ends } = stream(failing, env);
    await expect(new Response(body).text()).rejects.toThrow('secret');
    expect(ends()).toBe(1);
  });

  it('is given up when nobody reads, at its beginning or later', async () => {
    for (const reads of [0, 1]) {
      holdTimeouts();
      const { body, ends, log } = stream(letters);
      const reader = body.getReader();
      for (let read = 0; read < reads; read += 1) await reader.read();
      jest.advanceTimersByTime(59_999);
      expect(ends()).toBe(0);
      jest.advanceTimersByTime(1);
      expect(ends()).toBe(1);
      expect(log()).toContain('"level":"warn","message":"answer given up, nobody reads it"');
      await expect(reader.read()).rejects.toThrow('nobody read');
      jest.useRealTimers();
    }
  });

  it.each([
    ['comes', (): Promise<string> => Promise.resolve('late')],
    ['fails', (): Promise<string> => Promise.reject(new Error('aborted'))],
  ])('ends once when its reader goes, whether the piece under way %s', async (_, piece) => {
    let [begin, release] = [(): void => undefined, (): void => undefined];
    const began = new Promise<void>((resolve) => (begin = resolve));
    const held = new Promise<void>((resolve) => (release = resolve));
    const { body, ends, log } = stream(async function* () {
      begin();
      await held;
      yield await piece();
    });
    const reader = body.getReader();
    const read = reader.read();
    await began;
    const cancelled = reader.cancel();
    release();
    expect(await read).toEqual({ done: true, value: undefined });
    await cancelled.catch(() => undefined);
    expect([ends(), log()]).toEqual([1, '']);
  });
});
