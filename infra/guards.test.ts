// Tests of the guard over names.
import * as pulumi from '@pulumi/pulumi';
import { guardEdge, guardNames } from './guards';
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

describe('guardEdge', () => {
  const guard = (type: string, props: object): undefined =>
    guardEdge({ custom: true, type, name: 'x', props, opts: {} });
  const WEB_ACL = 'aws:wafv2/webAcl:WebAcl';
  const DISTRIBUTION = 'aws:cloudfront/distribution:Distribution';
  const FUNCTION = 'aws:lambda/function:Function';
  const edge = { skipDestroy: true, region: 'us-east-1' };
  const using = (arn: string) => ({ viewerCertificate: { acmCertificateArn: arn } });

  it.each([
    ['a global web ACL at home', WEB_ACL, { scope: 'CLOUDFRONT' }, /outside us-east-1/],
    [
      'a certificate elsewhere',
      DISTRIBUTION,
      using('arn:aws:acm:eu-central-1:1:certificate/a'),
      /must be in us-east-1/,
    ],
    [
      'a function without a version',
      DISTRIBUTION,
      using('arn:aws:lambda:us-east-1:1:function:f'),
      /use qualifiedArn/,
    ],
    ['an edge function at home', FUNCTION, { skipDestroy: true }, /outside us-east-1/],
    ['an edge function with variables', FUNCTION, { ...edge, environment: {} }, /with environment/],
    ['an edge function in a VPC', FUNCTION, { ...edge, vpcConfig: {} }, /with vpcConfig/],
  ])('refuses %s', (_, type, props, message) => {
    expect(() => guard(type, props)).toThrow(message);
  });

  it.each([
    ['a regional web ACL', WEB_ACL, { scope: 'REGIONAL' }],
    ['a global web ACL in us-east-1', WEB_ACL, { scope: 'CLOUDFRONT', region: 'us-east-1' }],
    ['a certificate in us-east-1', DISTRIBUTION, using('arn:aws:acm:us-east-1:1:certificate/a')],
    ['a function with its version', DISTRIBUTION, using('arn:aws:lambda:us-east-1:1:function:f:3')],
    ['an edge function', FUNCTION, edge],
    ['a function with variables', FUNCTION, { environment: {}, vpcConfig: {} }],
    [
      'what is not known yet',
      DISTRIBUTION,
      { webAclId: pulumi.output('arn:aws:wafv2:eu-west-1:1:x') },
    ],
    ['anything else', 'aws:sns/topic:Topic', {}],
  ])('passes %s', (_, type, props) => {
    expect(guard(type, props)).toBeUndefined();
  });
});
