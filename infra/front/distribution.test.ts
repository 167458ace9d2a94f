// Proves what CloudFront is made of: its origin, what it demands of viewers, and what it hands on.
import { Edge, type EdgeArgs } from './distribution';
import type { RecordedResource } from '../../recorder/record';
import { all, one } from '../../recorder/query';
import { output, recordComponents } from '../testing/recorded';

const LB_ARN = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/gh-lb/1';
const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/1';

const balancer: EdgeArgs['origin'] = {
  kind: 'load-balancer',
  loadBalancerArn: output(LB_ARN),
  domainName: 'internal-gh-lb.eu-central-1.elb.amazonaws.com',
  protocol: 'http-only',
  port: 80,
  vpcId: 'vpc-1',
  securityGroupId: 'sg-load-balancer',
};
const args: EdgeArgs = {
  origin: balancer,
  originSecret: 'the-origin-secret',
  requestTimeoutSeconds: 10,
  edgeFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:gh-edge-fn:1',
  webAclArn: 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/gh/1',
  protect: false,
};
const domain = { name: 'api.example.com', zoneId: 'Z1', certificateArn: CERTIFICATE };

const made = (changes: Partial<EdgeArgs> = {}) =>
  recordComponents(() => {
    new Edge('gh', { ...args, ...changes });
  });

describe('Edge', () => {
  let resources: readonly RecordedResource[];
  let distribution: RecordedResource;
  let vpcOrigin: RecordedResource;

  beforeAll(async () => {
    resources = await made();
    distribution = one(resources, 'cloudfront/distribution:Distribution');
    vpcOrigin = one(resources, 'cloudfront/vpcOrigin:VpcOrigin');
  });

  it('sends every request through WAF and the API-key check', () => {
    expect(distribution.inputs).toMatchObject({
      webAclId: args.webAclArn,
      defaultCacheBehavior: {
        viewerProtocolPolicy: 'https-only',
        lambdaFunctionAssociations: [
          { eventType: 'viewer-request', lambdaArn: args.edgeFunctionArn, includeBody: false },
        ],
      },
    });
    expect(distribution.inputs.orderedCacheBehaviors).toBeUndefined();
  });

  it('keeps the origin secret a secret of the state', () => {
    expect(distribution.inputs.origins).toMatchObject([
      { customHeaders: [{ name: 'x-gatehouse-origin-secret', value: 'the-origin-secret' }] },
    ]);
    expect(distribution.secretInputs).toEqual(['origins']);
  });

  it('speaks HTTP/3, enables the further metrics and sends security headers', () => {
    expect(distribution.inputs.httpVersion).toBe('http2and3');
    expect(one(resources, ':MonitoringSubscription').inputs).toMatchObject({
      distributionId: distribution.outputs.id,
      monitoringSubscription: {
        realtimeMetricsSubscriptionConfig: { realtimeMetricsSubscriptionStatus: 'Enabled' },
      },
    });
    expect(one(resources, ':ResponseHeadersPolicy').inputs).toMatchObject({
      securityHeadersConfig: {
        strictTransportSecurity: { accessControlMaxAgeSec: 63_072_000, override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: 'DENY' },
      },
    });
  });

  it('answers no page of another origin unless it is told to', () => {
    expect(one(resources, ':ResponseHeadersPolicy').inputs.corsConfig).toBeUndefined();
  });

  it('lets pages of the origins that are named read answers of the service, without credentials', async () => {
    const corsOf = async (corsOrigins: string[]) =>
      one(await made({ corsOrigins }), ':ResponseHeadersPolicy').inputs.corsConfig;
    expect(await corsOf(['https://app.example.com', 'http://localhost:5173'])).toEqual({
      accessControlAllowCredentials: false,
      accessControlAllowOrigins: { items: ['https://app.example.com', 'http://localhost:5173'] },
      accessControlAllowMethods: {
        items: ['GET', 'HEAD', 'OPTIONS', 'POST', 'PATCH', 'PUT', 'DELETE'],
      },
      accessControlAllowHeaders: {
        items: expect.arrayContaining(['x-api-key', 'authorization', 'if-match']) as unknown,
      },
      accessControlExposeHeaders: { items: ['etag', 'location', 'retry-after', 'x-request-id'] },
      accessControlMaxAgeSec: 600,
      originOverride: true,
    });
    expect(await corsOf(['https://app.example.com', '*'])).toMatchObject({
      accessControlAllowOrigins: { items: ['*'] },
    });
  });

  it("waits a little longer than the service does, for an answer of the service's own", async () => {
    const timeouts = (inputs: Record<string, unknown>) =>
      JSON.stringify(inputs.origins).match(/"originReadTimeout":\d+/g);
    expect(timeouts(distribution.inputs)).toEqual(['"originReadTimeout":15']);
    const origin: EdgeArgs['origin'] = { kind: 'api', domainName: 'abc.amazonaws.com' };
    const slow = one(await made({ origin, requestTimeoutSeconds: 55 }), ':Distribution');
    expect(timeouts(slow.inputs)).toEqual(['"originReadTimeout":60']);
  });

  it('needs no record and no certificate without an own domain', () => {
    expect(all(resources, 'route53/record:Record')).toEqual([]);
    expect(distribution.inputs).toMatchObject({
      aliases: [],
      viewerCertificate: { cloudfrontDefaultCertificate: true },
    });
  });

  it('points all names of an own domain at the distribution', async () => {
    const records = all(await made({ domain }), 'route53/record:Record');
    expect(records.map(({ inputs }) => [inputs.type, inputs.name, inputs.zoneId])).toEqual([
      ['A', 'api.example.com', 'Z1'],
      ['AAAA', 'api.example.com', 'Z1'],
      ['HTTPS', 'api.example.com', 'Z1'],
    ]);
  });

  it('protects the distribution where the stack says so', async () => {
    expect(distribution.options.protect).toBe(false);
    expect(one(await made({ protect: true }), ':Distribution').options.protect).toBe(true);
  });

  it('reaches an API by TLS, with the host name that the API knows', async () => {
    const api = await made({
      origin: { kind: 'api', domainName: 'abc.execute-api.amazonaws.com' },
    });
    expect(all(api, ':VpcOrigin')).toEqual([]);
    expect(all(api, ':SecurityGroupIngressRule')).toEqual([]);
    expect(one(api, ':Distribution').inputs).toMatchObject({
      origins: [
        {
          domainName: 'abc.execute-api.amazonaws.com',
          customOriginConfig: {
            originProtocolPolicy: 'https-only',
            originSslProtocols: ['TLSv1.2'],
          },
        },
      ],
      // Managed-AllViewerExceptHostHeader
      defaultCacheBehavior: { originRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac' },
    });
  });

  describe('pitfall 3: a VPC origin cannot be changed while attached', () => {
    it('is replaced beside the old one, under a name that is new with it', () => {
      expect(vpcOrigin.options.replaceOnChanges).toEqual(['vpcOriginEndpointConfig']);
      expect(vpcOrigin.options.deleteBeforeReplace).toBe(false);
      const suffix = one(resources, ':RandomId');
      expect(suffix.inputs.keepers).toEqual({ arn: LB_ARN, protocol: 'http-only', port: '80' });
      expect(vpcOrigin.inputs.vpcOriginEndpointConfig).toMatchObject({
        name: `gh-${String(suffix.outputs.hex)}`,
      });
    });

    it('leaves its tags alone', () => {
      expect(vpcOrigin.options.ignoreChanges).toEqual(['tags', 'tagsAll']);
    });
  });

  it('pitfall 4: waits an hour for a VPC origin', () => {
    expect(vpcOrigin.inputs.timeouts).toEqual({ create: '60m', update: '60m', delete: '60m' });
  });

  it("pitfall 5: admits the VPC origin's own group and no prefix list", () => {
    const rules = all(resources, ':SecurityGroupIngressRule');
    expect(rules.map(({ inputs }) => inputs)).toEqual([
      {
        description: 'The VPC origin of the distribution.',
        securityGroupId: 'sg-load-balancer',
        referencedSecurityGroupId: expect.stringMatching(/^sg-/) as unknown,
        ipProtocol: 'tcp',
        fromPort: 80,
        toPort: 80,
      },
    ]);
  });

  it('pitfall 17: caches nothing and hands on all that the viewer sent', () => {
    expect(distribution.inputs.defaultCacheBehavior).toMatchObject({
      cachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad', // Managed-CachingDisabled
      originRequestPolicyId: '216adef6-5c7f-47e4-b989-5492eafa07d3', // Managed-AllViewer
      allowedMethods: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'],
    });
  });

  it('pitfall 18: speaks HTTP inside the VPC without a domain, HTTPS only with one', async () => {
    expect(vpcOrigin.inputs.vpcOriginEndpointConfig).toMatchObject({
      arn: LB_ARN,
      originProtocolPolicy: 'http-only',
      httpPort: 80,
      originSslProtocols: { items: ['TLSv1.2'], quantity: 1 },
    });
    const origin: EdgeArgs['origin'] = { ...balancer, protocol: 'https-only', port: 443 };
    expect(
      one(await made({ domain, origin }), ':VpcOrigin').inputs.vpcOriginEndpointConfig,
    ).toMatchObject({ originProtocolPolicy: 'https-only', httpsPort: 443 });
  });

  it('pitfall 19: demands TLS 1.2 of viewers where there is a certificate', async () => {
    expect(one(await made({ domain }), ':Distribution').inputs).toMatchObject({
      aliases: ['api.example.com'],
      viewerCertificate: {
        acmCertificateArn: CERTIFICATE,
        minimumProtocolVersion: 'TLSv1.2_2021',
        sslSupportMethod: 'sni-only',
      },
    });
  });

  it('pitfall 26: keeps its origin id, and sets what AWS would fill in', () => {
    expect(distribution.inputs).toMatchObject({
      origins: [{ originId: 'service', connectionAttempts: 2, connectionTimeout: 5 }],
      isIpv6Enabled: true,
      staging: false,
      retainOnDelete: false,
      restrictions: { geoRestriction: { restrictionType: 'none', locations: [] } },
    });
  });
});
