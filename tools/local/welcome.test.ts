import type { AccessRule } from '../../contracts/access';
import { workload } from '../../service/workload';
import { welcome } from './welcome';

describe('welcome', () => {
  const told = (rules: readonly AccessRule[], scopes: Record<string, string> = {}) =>
    welcome({
      ...{ edge: 'http://127.0.0.1:8080', console: 'c', aws: 'a', key: 'gh_dev_1_2', stack: 'dev' },
      ...{
        cpu: 'held to 0.25 vCPU',
        logFolder: '.local/logs/8080',
        workload: { ...workload, name: 'orders', rules, scopes },
      },
    });

  it('prints calls that fit the rules', () => {
    const text = told(
      [
        { methods: ['GET', 'HEAD'], path: '/status', access: 'public' },
        { methods: ['GET'], path: '/openapi.json', access: 'any-key' },
        { methods: ['POST'], path: '/orders/**', scope: 'orders:write' },
        { methods: ['GET'], path: '/orders/*/lines/**', scope: 'orders:read' },
      ],
      { 'orders:read': 'Read.', 'orders:write': 'Write.' },
    );
    expect(text).toContain('orders behind the edge');
    expect(text).toContain('held to 0.25 vCPU');
    expect(text.split('\n').filter((line) => /^ {2}(curl|npm)/.test(line))).toEqual([
      "  curl -i http://127.0.0.1:8080/orders/1/lines -H 'x-api-key: gh_dev_1_2'",
      "  curl -i http://127.0.0.1:8080/openapi.json -H 'x-api-key: gh_dev_1_2'",
      '  curl -i http://127.0.0.1:8080/status',
      '  npm run keys -- issue --local --owner you@example.com --scope orders:read',
    ]);
  });

  it('prints none where nothing is read, and names the root', () => {
    expect(told([{ methods: ['POST'], path: '/**', access: 'any-key' }])).not.toContain('curl');
    expect(told([{ methods: ['GET'], path: '/**', access: 'public' }])).toContain(
      'curl -i http://127.0.0.1:8080/\n',
    );
  });
});
