// Streams: answers to stdout, questions and bars to stderr, no question to nobody.
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { terminalIo } from './terminal';

/** Streams that collect what is written, terminals or not. */
function setUp(isTTY: boolean) {
  const stream = () => Object.assign(new PassThrough(), { isTTY });
  const streams = { stdin: stream(), stdout: stream(), stderr: stream() };
  return { streams, io: terminalIo(streams) };
}

describe('terminalIo', () => {
  it('writes where it is told', () => {
    const { streams, io } = setUp(false);
    io.stdout('answer');
    io.stderr('problem');
    expect(String(streams.stdout.read())).toBe('answer');
    expect(String(streams.stderr.read())).toBe('problem');
    expect(Math.abs(io.now() - Date.now())).toBeLessThan(60_000);
  });

  it('asks a person on stderr', async () => {
    const { streams, io } = setUp(true);
    const answer = io.ask('Sure? ');
    streams.stdin.write('yes\n');
    expect(await answer).toBe('yes');
    expect(String(streams.stderr.read())).toContain('Sure? ');
    expect(streams.stdout.read()).toBeNull();
    expect(io.progress).toBe(streams.stderr);
  });

  it.each([
    ['Ctrl-D', (stdin: PassThrough) => stdin.end()],
    ['Ctrl-C', (stdin: PassThrough) => stdin.write('\u0003')],
  ])('takes %s for no answer', async (_, press) => {
    const { streams, io } = setUp(true);
    const answer = io.ask('Sure? ');
    press(streams.stdin);
    expect(await answer).toBe('');
  });

  it('delivers what is taken, and says when nobody takes it', async () => {
    const { streams, io } = setUp(false);
    await io.deliver('key');
    expect(String(streams.stdout.read())).toBe('key');
    expect(streams.stdout.listenerCount('error')).toBe(0);
    streams.stdout._write = (_chunk, _encoding, done) => done(new Error('write EPIPE'));
    await expect(io.deliver('key')).rejects.toThrow('EPIPE');
  });

  it('tells of the first wish to end, and leaves the second to the system', () => {
    const signals = new EventEmitter();
    const stdin = Object.assign(new PassThrough(), { isTTY: false });
    const io = terminalIo({ stdin, stdout: stdin, stderr: stdin }, signals);
    let stops = 0;
    io.onStop(() => (stops += 1));
    signals.emit('SIGINT');
    signals.emit('SIGTERM');
    expect([stops, signals.eventNames()]).toEqual([1, []]);
    io.onStop(() => (stops += 1))();
    expect([stops, signals.eventNames()]).toEqual([1, []]);
  });

  it('asks nobody, and draws nothing, where no person is', async () => {
    const { io } = setUp(false);
    expect(await io.ask('Sure? ')).toBeUndefined();
    expect(io.progress).toBeUndefined();
  });
});
