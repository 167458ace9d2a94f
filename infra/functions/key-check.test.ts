// The daily check as it is made: once a day, by nobody else, reading no hash, writing to nobody unless told to.
import { stackOf } from '../testing/stacks';

describe('KeyCheck', () => {
  it('runs once a day, by its own rule alone, and not again when it fails', async () => {
    const view = await stackOf('prod', {});
    const fn = view.one('lambda/function:Function', '-key-check');
    const rule = view.one('cloudwatch/eventRule:EventRule', '-key-check');
    expect(rule.inputs.scheduleExpression).toBe('rate(1 day)');
    expect(view.inputs('cloudwatch/eventTarget:EventTarget', '-key-check')).toMatchObject({
      rule: rule.outputs.name,
      arn: fn.outputs.arn,
    });
    expect(view.inputs('lambda/permission:Permission', '-key-check-schedule')).toMatchObject({
      function: fn.outputs.name,
      principal: 'events.amazonaws.com',
      sourceArn: rule.outputs.arn,
    });
    expect(
      view.inputs('functionEventInvokeConfig:FunctionEventInvokeConfig', '-key-check-once'),
    ).toMatchObject({ functionName: fn.outputs.name, maximumRetryAttempts: 0 });
    expect(fn.inputs.environment).toEqual({
      variables: {
        STACK: 'prod',
        KEYS_TABLE: view.one('dynamodb/table:Table', 'gh-keys').outputs.name,
      },
    });
  });

  it('has no right to send mail unless a sender is named, and then from that one alone', async () => {
    const silent = (await stackOf('prod', {})).rights('-key-check-policy');
    expect(Object.keys(silent).sort()).toEqual([
      'LogGroupsBelongToTheStack',
      'ReadEndsOfKeys',
      'SendTraces',
      'TableAtRest',
      'WriteOwnLogs',
    ]);
    expect(JSON.stringify(silent.ReadEndsOfKeys)).not.toContain('hash');
    const view = await stackOf('prod', { mailFrom: 'keys@example.com' });
    const { WriteToOwners } = view.rights('-key-check-policy');
    const identity = `arn:aws:ses:${String(view.recording.outputs.region)}:123456789012:identity/`;
    expect(WriteToOwners).toEqual({
      Sid: 'WriteToOwners',
      Effect: 'Allow',
      Action: 'ses:SendEmail',
      Resource: [`${identity}keys@example.com`, `${identity}example.com`],
      Condition: { StringEquals: { 'ses:FromAddress': 'keys@example.com' } },
    });
    expect(view.one('lambda/function:Function', '-key-check').inputs.environment).toMatchObject({
      variables: { MAIL_FROM: 'keys@example.com' },
    });
  });
});
