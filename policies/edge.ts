// Rules of CloudFront and its origin.
import { API_KEY_HEADER, ORIGIN_SECRET_HEADER } from '../contracts/headers';
import { withoutCompanion } from './companions';
import { at, list, textOf } from './inputs';
import { resourceRule, type Rule, unless } from './rule';

const DISTRIBUTION = 'aws:cloudfront/distribution:Distribution';

const distributionIsGuarded = resourceRule({
  name: 'distribution-guarded',
  description: 'Every request passes WAF and the API-key check (CloudFront.6).',
  types: [DISTRIBUTION],
  faults: ({ name, inputs }) => {
    // Another distribution of the same project may be a static page.
    if (!/-cdn$/.test(name)) return [];
    const behaviors = [inputs.defaultCacheBehavior, ...list(inputs.orderedCacheBehaviors)];
    return [
      ...unless(textOf(inputs.webAclId) !== undefined, 'has no web ACL. Set webAclId to its ARN.'),
      ...unless(
        behaviors.every((behavior) =>
          list(at(behavior, 'lambdaFunctionAssociations')).some(
            (association) => at(association, 'eventType') === 'viewer-request',
          ),
        ),
        'lets requests past the API-key check. Associate the edge function with viewer-request.',
      ),
    ];
  },
});

const viewersUseTls = resourceRule({
  name: 'distribution-tls',
  description:
    'Viewers speak TLS only, 1.2 or newer where there is a certificate (CloudFront.3, .7, .8, .15).',
  types: [DISTRIBUTION],
  faults: ({ inputs }) => {
    const certificate = inputs.viewerCertificate;
    const hasOwn = textOf(at(certificate, 'acmCertificateArn')) !== undefined;
    return [
      ...unless(
        at(inputs, 'defaultCacheBehavior', 'viewerProtocolPolicy') === 'https-only',
        'accepts or redirects HTTP, and a key would travel in clear once. Set viewerProtocolPolicy to "https-only".',
      ),
      ...unless(
        !hasOwn ||
          /^TLSv1\.2_202[1-9]$|^TLSv1\.3/.test(String(at(certificate, 'minimumProtocolVersion'))),
        'accepts old TLS. Set minimumProtocolVersion to "TLSv1.2_2021".',
      ),
      ...unless(
        !hasOwn || at(certificate, 'sslSupportMethod') === 'sni-only',
        'pays for an address of its own. Set sslSupportMethod to "sni-only".',
      ),
      ...unless(
        hasOwn || list(inputs.aliases).length === 0,
        'has an own domain and no certificate for it. Set viewerCertificate.acmCertificateArn.',
      ),
    ];
  },
});

/** AWS's managed policy CachingDisabled; the same id in every account. */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';

const nothingIsCached = resourceRule({
  name: 'distribution-cache',
  description: 'Answers are not cached, and the origin gets what the viewer sent.',
  types: [DISTRIBUTION],
  faults: ({ inputs }) => {
    const behavior = inputs.defaultCacheBehavior;
    return [
      ...unless(
        at(behavior, 'cachePolicyId') === CACHING_DISABLED,
        "may answer one key with another's data. Use the cache policy Managed-CachingDisabled.",
      ),
      ...unless(
        textOf(at(behavior, 'originRequestPolicyId')) !== undefined,
        'hands no query or header on. Use the origin request policy Managed-AllViewer.',
      ),
      ...unless(
        textOf(at(behavior, 'responseHeadersPolicyId')) !== undefined,
        'sends no security headers. Set responseHeadersPolicyId (CKV2_AWS_32).',
      ),
    ];
  },
});

const originKnowsCloudFront = resourceRule({
  name: 'origin-secret',
  description:
    'Every origin is sent the secret that it accepts requests by, over VPC origin or TLS.',
  types: [DISTRIBUTION],
  faults: ({ inputs }) =>
    list(inputs.origins).flatMap((origin) => {
      const id = String(at(origin, 'originId'));
      const isPrivate = textOf(at(origin, 'vpcOriginConfig', 'vpcOriginId')) !== undefined;
      const isTls = at(origin, 'customOriginConfig', 'originProtocolPolicy') === 'https-only';
      return [
        ...unless(
          list(at(origin, 'customHeaders')).some(
            (header) => at(header, 'name') === ORIGIN_SECRET_HEADER,
          ),
          `origin ${id} gets no secret. Send ${ORIGIN_SECRET_HEADER}.`,
        ),
        ...unless(
          isPrivate || isTls,
          `origin ${id} is reached in clear over the internet. Use a VPC origin, or https-only.`,
        ),
      ];
    }),
});

const vpcOriginWaits = resourceRule({
  name: 'vpc-origin-timeouts',
  description: 'Making a VPC origin may take longer than the 15 minutes that are the default.',
  types: ['aws:cloudfront/vpcOrigin:VpcOrigin'],
  faults: ({ inputs }) =>
    unless(
      ['create', 'update', 'delete'].every((key) => minutes(at(inputs, 'timeouts', key)) >= 45),
      'may time out. Set timeouts of 45 to 60 minutes.',
    ),
});

function minutes(duration: unknown): number {
  const [, amount, unit] = /^(\d+)(m|h)$/.exec(String(duration)) ?? [];
  return Number(amount ?? 0) * (unit === 'h' ? 60 : 1);
}

const httpsOriginHasCertificate: Rule = {
  name: 'https-origin-certificate',
  description: 'A VPC origin that speaks HTTPS only points at a listener with a certificate.',
  level: 'mandatory',
  check: (resources) => {
    const balancers = resources
      .filter(
        ({ type, inputs }) =>
          type === 'aws:lb/listener:Listener' &&
          inputs.protocol === 'HTTPS' &&
          textOf(inputs.certificateArn) !== undefined,
      )
      .map(({ inputs }) => textOf(inputs.loadBalancerArn));
    return resources
      .filter(
        ({ type, inputs }) =>
          type === 'aws:cloudfront/vpcOrigin:VpcOrigin' &&
          at(inputs, 'vpcOriginEndpointConfig', 'originProtocolPolicy') === 'https-only',
      )
      .flatMap(({ urn, name, inputs }) =>
        unless(
          // Neither ARN is known before a first `up`.
          balancers.some(
            (arn) =>
              arn === undefined ||
              [undefined, arn].includes(textOf(at(inputs, 'vpcOriginEndpointConfig', 'arn'))),
          ),
          `${name}: asks the load balancer for HTTPS, which has no certificate. Set domain, or use http-only inside the VPC.`,
        ).map((message) => ({ urn, message })),
      );
  },
};

const accessIsLogged: Rule = {
  name: 'distribution-logged',
  description: 'Every distribution delivers access logs, and none of them holds a key.',
  level: 'mandatory',
  check: (resources) => {
    const deliveries = resources.filter(
      ({ type }) => type === 'aws:cloudwatch/logDelivery:LogDelivery',
    );
    const sources = resources.filter(
      ({ type }) => type === 'aws:cloudwatch/logDeliverySource:LogDeliverySource',
    );
    const distributions = resources.filter(({ type }) => type === DISTRIBUTION);
    const isDelivered = deliveries.length >= distributions.length;
    return [
      ...(isDelivered
        ? withoutCompanion(distributions, sources, 'resourceArn')
        : distributions
      ).map(({ urn, name }) => ({
        urn,
        message: `${name}: writes no access logs. Declare a LogDelivery for it.`,
      })),
      ...deliveries.flatMap(({ urn, name, inputs }) =>
        list(inputs.recordFields)
          .map(String)
          .filter((field) =>
            new RegExp(`query|cookie|${API_KEY_HEADER}|authorization`, 'i').test(field),
          )
          .map((field) => ({
            urn,
            message: `${name}: logs ${field}, where keys and personal data turn up. Leave it out.`,
          })),
      ),
    ];
  },
};

/** All rules of CloudFront but those of its edge function. */
export const EDGE_RULES: readonly Rule[] = [
  distributionIsGuarded,
  viewersUseTls,
  nothingIsCached,
  originKnowsCloudFront,
  vpcOriginWaits,
  httpsOriginHasCertificate,
  accessIsLogged,
];
