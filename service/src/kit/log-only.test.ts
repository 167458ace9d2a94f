// Everything that a process prints is a line of its log.
import { keepProcessState } from '../../testing/process-state';
import { logOnly } from './log-only';
import { Logger } from './logger';

describe('logOnly', () => {
  const restore = keepProcessState();
  const lines: string[] = [];
  const logger = new Logger('info', (text) => void lines.push(text));
  const logged = () => {
    logger.flush();
    const all = lines.join('').split('\n').filter(Boolean);
    lines.length = 0;
    return all.map((line) => JSON.parse(line) as Record<string, unknown>);
  };

  beforeAll(() => logOnly(logger));
  afterAll(restore);

  it('takes what libraries print, the words alone', () => {
    console.error('it broke:\n', new TypeError('secret\nvalue'), { secret: 1 });
    console.info('two', 'words');
    console.debug('not at this level');
    expect(logged()).toMatchObject([
      { level: 'error', message: 'printed', words: 'it broke:\n', error: 'TypeError' },
      { level: 'info', message: 'printed', words: 'two words' },
    ]);
    console.warn(new Error('secret'));
    console.log('x'.repeat(1000));
    const [bare, long] = logged();
    expect(JSON.stringify(bare)).not.toMatch(/secret|words/);
    expect(long?.words).toHaveLength(500);
  });

  it('takes warnings of Node.js', () => {
    process.emit('warning', Object.assign(new Error('old'), { name: 'DeprecationWarning' }));
    expect(logged()).toMatchObject([{ level: 'warn', error: 'DeprecationWarning' }]);
  });

  it('takes the error that ends the process, and ends it with code 1', () => {
    const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
    process.emit('uncaughtException', new RangeError('secret'));
    process.emit('unhandledRejection', new Error('secret'), Promise.resolve());
    expect(exit.mock.calls).toEqual([[1], [1]]);
    exit.mockRestore();
    const all = logged();
    expect(all).toMatchObject([
      { level: 'error', message: 'uncaught error', error: 'RangeError' },
      { level: 'error', message: 'unhandled rejection', error: 'Error' },
    ]);
    expect(JSON.stringify(all)).not.toContain('secret');
  });
});
