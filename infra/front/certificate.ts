// ACM certificates for the own domain, validated by DNS: one for CloudFront and one for each origin region.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

/** What {@link Certificate} needs. */
export interface CertificateArgs {
  /** Domain name, for example `api.example.com`. */
  domainName: string;
  /** Id of the Route 53 hosted zone that holds the domain. */
  zoneId: pulumi.Input<string>;
  /** Regions that need the certificate: us-east-1 for CloudFront, the home region for the origin. */
  regions: string[];
}

/** One certificate a region, all validated by the one record that ACM asks for in any region. */
export class Certificate extends pulumi.ComponentResource {
  /** ARNs of validated certificates, by region. */
  readonly arns: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: CertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:Certificate', name, {}, opts);
    const regions = [...new Set(args.regions)];
    const certificates = regions.map((region) => request(name, region, args, this));
    const record = validationRecord(name, certificates, args, this);
    this.arns = Object.fromEntries(
      regions.map((region, index) => [
        region,
        validated(name, region, certificates[index], record, this),
      ]),
    );
    this.registerOutputs({ arns: this.arns });
  }
}

function request(
  name: string,
  region: string,
  args: CertificateArgs,
  parent: pulumi.Resource,
): aws.acm.Certificate {
  return new aws.acm.Certificate(
    `${name}-cert-${region}`,
    { region, domainName: args.domainName, validationMethod: 'DNS', keyAlgorithm: 'EC_prime256v1' },
    { parent },
  );
}

function validationRecord(
  name: string,
  certificates: aws.acm.Certificate[],
  args: CertificateArgs,
  parent: pulumi.Resource,
): aws.route53.Record {
  const [first] = certificates;
  if (first === undefined) throw new Error('Certificate needs at least one region.');
  const option = first.domainValidationOptions.apply((options) => {
    const [only] = options;
    if (only === undefined) throw new Error('ACM named no record to validate the certificate by.');
    return only;
  });
  return new aws.route53.Record(
    `${name}-cert-record`,
    {
      zoneId: args.zoneId,
      name: option.resourceRecordName,
      type: option.resourceRecordType,
      records: [option.resourceRecordValue],
      ttl: 60,
      // ACM asks for the same record for every certificate of a domain in an account.
      allowOverwrite: true,
    },
    { parent },
  );
}

function validated(
  name: string,
  region: string,
  certificate: aws.acm.Certificate | undefined,
  record: aws.route53.Record,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  if (certificate === undefined) throw new Error(`No certificate was requested in ${region}.`);
  return new aws.acm.CertificateValidation(
    `${name}-cert-valid-${region}`,
    { region, certificateArn: certificate.arn, validationRecordFqdns: [record.fqdn] },
    { parent },
  ).certificateArn;
}
