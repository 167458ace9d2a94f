// Every alarm of the shipped stacks either has a fault that rings it, or says why it can't ring here.
import { stackOf } from '../../infra/testing/stacks';
import { all } from '../../recorder/query';
import { startAwsEndpoint } from '../local/aws/endpoint';
import type { AwsEndpoint } from '../local/aws/endpoint';
import { closeAfterwards, closeAll } from '../local/testing/servers';
import { Faults } from './faults';

afterEach(closeAll);

async function faults(): Promise<{ faults: Faults; aws: AwsEndpoint; said: unknown[] }> {
  const aws = closeAfterwards(await startAwsEndpoint());
  const said: unknown[] = [];
  const made = new Faults({
    ...{ aws, keysTable: 'keys', fleet: { tasks: () => [] } },
    breakEdge: (broken) => said.push(broken),
    balancer: { failChecks: (fail) => said.push(fail) },
    calls: { run: () => new Promise(() => undefined) },
    touchKeys: () => Promise.resolve(),
  });
  return { faults: made, aws, said };
}

describe('Faults', () => {
  it.each(['dev', 'prod'])('rings every alarm of %s that can ring here', async (stack) => {
    const { recording } = await stackOf(stack);
    const alarms = all(recording.resources, 'cloudwatch/metricAlarm:MetricAlarm')
      .filter(({ inputs }) => ((inputs.alarmActions ?? []) as unknown[]).length > 0)
      .map(({ name }) => name.replace(/^[a-z0-9]+-/, ''));
    const made = (await faults()).faults;
    expect(alarms.length).toBeGreaterThan(10);
    expect(alarms.filter((id) => made.here(id) === '')).toEqual([]);
  });

  it('fails what it says and nothing else, and takes it back', async () => {
    const { faults: made, aws } = await faults();
    const ask = (operation: string, TableName: string) => aws.inject?.(operation, { TableName });
    made.set('stop-keys', true);
    expect(await ask('DynamoDB.GetItem', 'keys')).toMatchObject({ status: 500 });
    // The console itself reads keys by scans, and goes on.
    expect(await ask('DynamoDB.Scan', 'keys')).toBeUndefined();
    expect(await ask('DynamoDB.GetItem', 'items')).toBeUndefined();
    made.set('stop-keys', false);
    expect(await ask('DynamoDB.GetItem', 'keys')).toBeUndefined();
    made.set('stop-tables', true);
    expect(await ask('DynamoDB.PutItem', 'items')).toMatchObject({ status: 500 });
    expect(await ask('DynamoDB.GetItem', 'keys')).toBeUndefined();
    made.close();
    expect(aws.inject).toBeUndefined();
  });

  it('is on once, however often it is asked, and knows no other', async () => {
    const { faults: made, said } = await faults();
    expect(made.set('break-edge', true)).toBe(true);
    expect(made.set('break-edge', true)).toBe(true);
    expect(made.rows().filter(({ on }) => on)).toMatchObject([{ id: 'break-edge' }]);
    expect(made.set('nothing', true)).toBe(false);
    made.close();
    expect(said).toEqual([true, false]);
    expect(made.kill('task-1')).toBe(false);
  });
});
