// Proves which topics alarms speak to, and who may publish and listen there.
import { all } from '../../recorder/query';
import { recordComponents, statements } from '../testing/recorded';
import { AlarmTopics, type AlarmTopicsArgs } from './alarm-topics';

const ACCOUNT = '123456789012';

describe('AlarmTopics', () => {
  const args: AlarmTopicsArgs = {
    accountId: ACCOUNT,
    regions: ['eu-central-1', 'us-east-1', 'eu-central-1'],
    keyArns: { 'eu-central-1': 'key-home', 'us-east-1': 'key-global' },
    email: 'oncall@example.com',
  };

  it('makes an encrypted topic a region, to which only alarms of the account may publish', async () => {
    const resources = await recordComponents(() => {
      new AlarmTopics('gh', args);
    });
    expect(all(resources, 'sns/topic:Topic').map(({ inputs }) => inputs)).toEqual([
      { region: 'eu-central-1', kmsMasterKeyId: 'key-home' },
      { region: 'us-east-1', kmsMasterKeyId: 'key-global' },
    ]);
    for (const policy of all(resources, ':TopicPolicy')) {
      expect(statements(policy)).toMatchObject([
        {
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: policy.inputs.arn,
          Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
        },
        { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      ]);
    }
    expect(all(resources, ':TopicSubscription').map(({ inputs }) => inputs.endpoint)).toEqual([
      'oncall@example.com',
      'oncall@example.com',
    ]);
  });

  it('subscribes nobody without an address', async () => {
    const resources = await recordComponents(() => {
      new AlarmTopics('gh', { ...args, email: undefined });
    });
    expect(all(resources, ':TopicSubscription')).toEqual([]);
  });
});
