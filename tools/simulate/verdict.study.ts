// Tests of the whole built-in comparison, as a person runs it.
import { main } from './main';

describe('npm run simulate', () => {
  it('prints the built-in traces with a verdict', async () => {
    let out = '';
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      out += String(chunk);
      return true;
    });
    const code = await main(['--service-ms', '8', '--min', '2', '--max', '20']).finally(() =>
      write.mockRestore(),
    );
    expect(code).toBe(0);
    expect(out).toContain('Policies of stack prod: 2 to 20 tasks, target 20 ms, 3750 requests');
    expect(out).toMatch(/flash-crowd: .*\n {2}policy/);
    expect(out).toMatch(/gatehouse is over the target for \d+ minutes, fewer than the next best/);
  });
});
