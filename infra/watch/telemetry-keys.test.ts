// Proves which keys log groups and topics are encrypted by, and who may use them.
import { all, one } from '../../recorder/query';
import type { RecordedResource } from '../../recorder/record';
import { recordComponents, statements } from '../testing/recorded';
import { TelemetryKeys } from './telemetry-keys';

const ACCOUNT = '123456789012';

describe('TelemetryKeys', () => {
  let resources: readonly RecordedResource[];

  beforeAll(async () => {
    resources = await recordComponents(() => {
      const regions = ['us-east-1', 'eu-central-1', 'us-east-1'];
      new TelemetryKeys('gh', {
        accountId: ACCOUNT,
        homeRegion: 'eu-central-1',
        regions,
        protect: true,
      });
    });
  });

  it('makes one multi-region key, and a replica in each further region', () => {
    expect(one(resources, 'kms/key:Key').inputs).toMatchObject({
      multiRegion: true,
      enableKeyRotation: true,
      deletionWindowInDays: 30,
    });
    expect(all(resources, ':ReplicaKey').map(({ inputs }) => inputs.region)).toEqual(['us-east-1']);
  });

  it('keeps the keys where the stack says so: logs are of no use without them', () => {
    for (const { options } of [one(resources, 'kms/key:Key'), one(resources, ':ReplicaKey')]) {
      expect(options).toMatchObject({ protect: true, retainOnDelete: true });
    }
  });

  it("lets CloudWatch use it for this account's log groups of the region and for topics", () => {
    const [, denial, logs, alarms] = statements(one(resources, ':ReplicaKey'));
    expect(denial).toMatchObject({ Effect: 'Deny', Sid: 'NotByTheService' });
    expect(logs).toMatchObject({
      Principal: { Service: 'logs.us-east-1.amazonaws.com' },
      Condition: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:us-east-1:${ACCOUNT}:*` },
      },
    });
    expect(alarms).toMatchObject({
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
    });
  });
});
