// A change of the origin secret is refused where it would cost requests, and told step by step.
import { originSecretsOf } from '../../contracts/origin-secret';
import { refuseAbruptSecret } from './origin-secret';
import { Bench, type Run } from './testing/command';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(() => bench.end());

function ask(outputs: object, newest: number, sent: number): Promise<Run> {
  bench.script({ 'stack output': [{ stdout: JSON.stringify(outputs) }] });
  return bench.run('up', {
    summary: '',
    help: '',
    run: (context) => refuseAbruptSecret(context, originSecretsOf(newest, sent)).then(() => 0),
  });
}

describe('refuseAbruptSecret', () => {
  it('lets every step of a rotation pass', async () => {
    const steps = [
      [1, 0],
      [2, 1],
      [2, 0],
      [3, 2],
      [3, 0],
    ] as const;
    for (const [index, [newest, sent]] of steps.slice(1).entries()) {
      const [was, wasSent] = steps[index] ?? [1, 0];
      const outputs = { originSecrets: originSecretsOf(was, wasSent) };
      expect(await ask(outputs, newest, sent)).toEqual({ code: 0, out: '', err: '' });
    }
  });

  it('refuses both steps at once, and says which is the first', async () => {
    const { code, err } = await ask({ originSecrets: originSecretsOf(2, 0) }, 3, 0);
    expect(code).toBe(1);
    expect(err).toContain('the stack takes origin secrets 2 and 1, CloudFront sends 2');
    expect(err).toContain('gatehouse:originSecret 3" and');
    expect(err).toContain('gatehouse:originSecretSent 2"');
  });

  it('takes a stack without the output for one that knows the first alone', async () => {
    expect((await ask({}, 1, 0)).code).toBe(0);
    expect((await ask({}, 2, 1)).code).toBe(0);
    expect((await ask({}, 2, 0)).err).toContain('takes origin secret 1, CloudFront sends 1');
  });
});
