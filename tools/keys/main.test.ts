// The entry as a real process, and its exit code.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

describe('npm run keys', () => {
  it('ends with 2 for wrong usage, its message on stderr', async () => {
    const args = [
      '-r',
      require.resolve('../tsx.cjs'),
      require.resolve('./main.ts'),
      'revoke',
      'AbCdEf123456',
    ];
    await expect(promisify(execFile)(process.execPath, args)).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('Name one target') as unknown,
    });
  });

  it('hands on the arguments of the process', async () => {
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    const { argv, exitCode } = process;
    process.argv = ['node', 'main.ts', '--help'];
    jest.requireActual('./main');
    await new Promise(setImmediate);
    process.argv = argv;
    expect(write.mock.calls.join('')).toContain('Usage: keys');
    expect(process.exitCode).toBe(0);
    process.exitCode = exitCode;
  });
});
