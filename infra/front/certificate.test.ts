// Proves how the certificates of an own domain are asked for and validated.
import { all, one } from '../../recorder/query';
import { recordComponents } from '../testing/recorded';
import { Certificate } from './certificate';

describe('Certificate', () => {
  it('asks for a certificate in each region and proves the domain by one record', async () => {
    const resources = await recordComponents(() => {
      const regions = ['us-east-1', 'eu-central-1'];
      new Certificate('gh', { domainName: 'api.example.com', zoneId: 'Z1', regions });
    });
    const requests = all(resources, 'acm/certificate:Certificate');
    expect(requests.map(({ inputs }) => [inputs.region, inputs.validationMethod])).toEqual([
      ['us-east-1', 'DNS'],
      ['eu-central-1', 'DNS'],
    ]);
    const record = one(resources, 'route53/record:Record');
    expect(record.inputs).toMatchObject({ zoneId: 'Z1', type: 'CNAME', allowOverwrite: true });
    expect(
      all(resources, ':CertificateValidation').map(({ inputs }) => [
        inputs.region,
        inputs.certificateArn,
      ]),
    ).toEqual(requests.map(({ inputs, outputs }) => [inputs.region, outputs.arn]));
  });
});
