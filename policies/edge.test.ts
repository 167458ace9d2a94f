// Holds the rules of CloudFront and its origin to passing and failing cases.
import { EDGE_RULES } from './edge';
import { holdRules, resource } from './testing/cases';

const goodBehavior = {
  viewerProtocolPolicy: 'https-only',
  cachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
  originRequestPolicyId: '216adef6-5c7f-47e4-b989-5492eafa07d3',
  responseHeadersPolicyId: 'headers',
  lambdaFunctionAssociations: [{ eventType: 'viewer-request', lambdaArn: 'arn:1' }],
};
const goodOrigin = {
  originId: 'service',
  vpcOriginConfig: { vpcOriginId: 'vo_1' },
  customHeaders: [{ name: 'x-gatehouse-origin-secret', value: 'secret' }],
};
const ownCertificate = {
  acmCertificateArn: 'arn:aws:acm:us-east-1:1:certificate/1',
  minimumProtocolVersion: 'TLSv1.2_2021',
  sslSupportMethod: 'sni-only',
};
const goodDistribution = {
  webAclId: 'arn:aws:wafv2:us-east-1:1:global/webacl/a/1',
  aliases: [],
  origins: [goodOrigin],
  defaultCacheBehavior: goodBehavior,
  viewerCertificate: { cloudfrontDefaultCertificate: true },
};
const distribution = (inputs: object = {}) =>
  resource(
    'aws:cloudfront/distribution:Distribution',
    { ...goodDistribution, ...inputs },
    { name: 'gh-cdn' },
  );
const source = resource('aws:cloudwatch/logDeliverySource:LogDeliverySource', {});
const behavior = (changes: object) =>
  distribution({ defaultCacheBehavior: { ...goodBehavior, ...changes } });
const origin = (changes: object) => distribution({ origins: [{ ...goodOrigin, ...changes }] });
const certificate = (changes: object) =>
  distribution({
    aliases: ['api.example.com'],
    viewerCertificate: { ...ownCertificate, ...changes },
  });

const vpcOrigin = (timeout: string | undefined, originProtocolPolicy = 'http-only') =>
  resource('aws:cloudfront/vpcOrigin:VpcOrigin', {
    vpcOriginEndpointConfig: { originProtocolPolicy },
    timeouts: { create: timeout, update: '1h', delete: '60m' },
  });
const listener = (inputs: object) => resource('aws:lb/listener:Listener', { ...inputs });

const delivery = (...recordFields: string[]) =>
  resource('aws:cloudwatch/logDelivery:LogDelivery', { recordFields });

describe('EDGE_RULES', () => {
  holdRules(EDGE_RULES, {
    'distribution-guarded': {
      passes: {
        'a static page beside the API': [
          resource('aws:cloudfront/distribution:Distribution', {}, { name: 'docs-site' }),
        ],
        'WAF and the check': [distribution()],
        'a second behavior with the check': [
          distribution({ orderedCacheBehaviors: [goodBehavior] }),
        ],
      },
      fails: {
        'no web ACL': [[distribution({ webAclId: undefined })], 'no web ACL'],
        'no check': [[behavior({ lambdaFunctionAssociations: [] })], 'past the API-key check'],
        'a check of what is answered': [
          [behavior({ lambdaFunctionAssociations: [{ eventType: 'origin-request' }] })],
          'past the API-key check',
        ],
        'a path around it': [
          [distribution({ orderedCacheBehaviors: [{ pathPattern: '/open' }] })],
          'past the API-key check',
        ],
      },
    },
    'distribution-tls': {
      passes: {
        "CloudFront's own certificate": [distribution()],
        'a certificate with TLS 1.2': [certificate({})],
      },
      fails: {
        'a redirect from HTTP': [
          [behavior({ viewerProtocolPolicy: 'redirect-to-https' })],
          'travel in clear',
        ],
        'old TLS': [[certificate({ minimumProtocolVersion: 'TLSv1' })], 'accepts old TLS'],
        'TLS left open': [[certificate({ minimumProtocolVersion: undefined })], 'accepts old TLS'],
        'an address of its own': [[certificate({ sslSupportMethod: 'vip' })], 'sni-only'],
        'a domain without a certificate': [
          [distribution({ aliases: ['api.example.com'] })],
          'no certificate for it',
        ],
      },
    },
    'distribution-cache': {
      passes: { 'nothing cached': [distribution()] },
      fails: {
        'another cache policy': [[behavior({ cachePolicyId: 'other' })], 'CachingDisabled'],
        'no origin request policy': [
          [behavior({ originRequestPolicyId: undefined })],
          'Managed-AllViewer',
        ],
        'no headers policy': [
          [behavior({ responseHeadersPolicyId: undefined })],
          'security headers',
        ],
      },
    },
    'origin-secret': {
      passes: {
        'a VPC origin': [distribution()],
        'TLS over the internet': [
          origin({
            vpcOriginConfig: undefined,
            customOriginConfig: { originProtocolPolicy: 'https-only' },
          }),
        ],
      },
      fails: {
        'no secret': [[origin({ customHeaders: [] })], 'origin service gets no secret'],
        'the internet in clear': [
          [
            origin({
              vpcOriginConfig: undefined,
              customOriginConfig: { originProtocolPolicy: 'match-viewer' },
            }),
          ],
          'in clear over the internet',
        ],
      },
    },
    'vpc-origin-timeouts': {
      passes: { 'an hour': [vpcOrigin('60m')], 'in hours': [vpcOrigin('1h')] },
      fails: {
        'a quarter of an hour': [[vpcOrigin('15m')], 'may time out'],
        'the default': [[vpcOrigin(undefined)], 'may time out'],
      },
    },
    'https-origin-certificate': {
      passes: {
        'HTTP inside the VPC': [vpcOrigin('60m')],
        'HTTPS to a listener with a certificate': [
          vpcOrigin('60m', 'https-only'),
          listener({ protocol: 'HTTPS', certificateArn: 'arn' }),
        ],
        'HTTPS to a listener of its balancer, which is known': [
          vpcOrigin('60m', 'https-only'),
          listener({ protocol: 'HTTPS', certificateArn: 'arn', loadBalancerArn: 'balancer' }),
        ],
      },
      fails: {
        'HTTPS to a listener of HTTP': [
          [vpcOrigin('60m', 'https-only'), listener({ protocol: 'HTTP' })],
          'no certificate',
        ],
        'HTTPS without a certificate': [
          [vpcOrigin('60m', 'https-only'), listener({ protocol: 'HTTPS' })],
          'no certificate',
        ],
      },
    },
    'distribution-logged': {
      passes: {
        'a delivery': [distribution(), source, delivery('date', 'cs-uri-stem')],
        'no distribution': [],
      },
      fails: {
        'no delivery': [[distribution(), source], 'no access logs'],
        'a delivery of another source': [[distribution(), delivery('date')], 'no access logs'],
        'query strings': [[distribution(), source, delivery('cs-uri-query')], 'logs cs-uri-query'],
        cookies: [[distribution(), source, delivery('cs(Cookie)')], 'logs cs(Cookie)'],
      },
    },
  });
});
