// Tests of the guard over names.
import { guardNames } from './guards';
import { stackOf } from './testing/stacks';

const check = (type: string, name: string): undefined =>
  guardNames({ custom: true, type, name, props: {}, opts: {} });

describe('guardNames', () => {
  it.each([
    ['aws:lb/loadBalancer:LoadBalancer', 24],
    ['aws:lb/targetGroup:TargetGroup', 24],
    ['aws:iam/role:Role', 56],
    ['aws:lambda/function:Function', 56],
  ])('pitfall 27: leaves %s %d characters beside Pulumi’s suffix', (type, longest) => {
    expect(check(type, 'x'.repeat(longest))).toBeUndefined();
    expect(() => check(type, 'x'.repeat(longest + 1))).toThrow(
      `shorten the logical name to ${longest}`,
    );
  });

  it('leaves types without a limit alone', () => {
    expect(check('aws:ec2/vpc:Vpc', 'x'.repeat(400))).toBeUndefined();
  });

  it('finds nothing in prod', async () => {
    const { resources } = (await stackOf('prod')).recording;
    for (const { type, name } of resources) expect(check(type, name)).toBeUndefined();
  });
});
